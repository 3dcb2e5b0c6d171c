export const BROWSER_PATHS: string[];
export function ensureBrowser(): void;
