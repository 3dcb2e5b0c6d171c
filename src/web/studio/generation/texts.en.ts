export default {
  title: 'Generation',
};
