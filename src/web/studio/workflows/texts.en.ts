export default {
  title: 'Workflows',
};
