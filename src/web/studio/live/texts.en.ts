export default {
  title: 'Now',
};
