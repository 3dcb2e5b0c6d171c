/** The files that this page has uploaded: the server does not send an upload back. */

const MAX_FILES = 20;
const urls = new Map<string, string>();

/** @returns an address of the file, for as long as the page lives and few newer files follow */
export function keepFile(id: string, file: Blob): string {
  const url = URL.createObjectURL(file);
  urls.set(id, url);
  const [oldest] = urls;
  if (urls.size > MAX_FILES && oldest) {
    URL.revokeObjectURL(oldest[1]);
    urls.delete(oldest[0]);
  }
  return url;
}

export const localUrl = (id: string): string | undefined => urls.get(id);
