export default {
  title: 'Admin',
};
