export const USUAL_PLACES: string[];
export function ensureBrowser(): void;
