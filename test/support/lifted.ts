/** Settings that raise the limits per address and user: all requests of a test come from one address. */
export const LIFTED = {
  MAX_SIGN_INS_PER_ADDRESS: '1000000',
  MAX_SIGN_UPS_PER_ADDRESS: '1000000',
  MAX_CREATED_PER_MINUTE: '1000000',
  MAX_UPLOADS_PER_MINUTE: '1000000',
  MAX_UPLOADS_PER_USER: '1000000',
  MAX_SOCKETS_PER_USER: '1000000',
  MAX_SOCKETS_PER_ADDRESS: '1000000',
  MAX_REQUESTS_PER_ADDRESS: '1000000',
};
