export const BROWSER_FLAGS: string[];
export const BROWSER_PATHS: string[];
export function ensureBrowser(): void;
