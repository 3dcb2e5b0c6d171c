/** Advice for the operator about a status that ComfyUI itself does not send; empty if there is none. */
export function hintOfStatus(status: number): string {
  if (status >= 300 && status < 400) return ', a redirect: ComfyUI may be behind a sign-in page';
  if (status === 401 || status === 403) return ': check the credentials in COMFYUI_URL or COMFYUI_HEADERS';
  return '';
}

/** The codes of TLS errors. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

export const hintOfCode = (code: string): string =>
  CERTIFICATE.test(code) ? ', its certificate is not trusted: set NODE_EXTRA_CA_CERTS' : '';
