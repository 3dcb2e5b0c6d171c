/** Answers of HTTP that no resolver had a part in. */
export const refusal = (code: string, message: string, extensions: object = {}) => ({
  errors: [{ message, extensions: { code, ...extensions } }],
});
