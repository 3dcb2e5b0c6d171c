export default {
  title: 'History',
};
