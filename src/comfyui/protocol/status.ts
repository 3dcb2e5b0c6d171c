/** What a status that ComfyUI itself does not send tells the operator. */
export function hintOf(status: number): string {
  if (status >= 300 && status < 400) return ', a redirect: is a sign-in page in front of it?';
  if (status === 401 || status === 403) return ': it wants other credentials; see COMFYUI_HEADERS';
  return '';
}

/** Errors of TLS, by their codes. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

export const hintOfCode = (code: string): string =>
  CERTIFICATE.test(code) ? ', its certificate is not trusted; see NODE_EXTRA_CA_CERTS' : '';
