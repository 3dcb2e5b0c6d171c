export default {
  title: 'Create',
};
