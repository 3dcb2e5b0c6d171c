/** Whoever asks, once their credential has been believed. */
import { unauthenticated } from '../graphql/errors.js';
import type { Role } from './user.js';

export type Viewer = { id: string; sessionId: string; role: Role };

/** @throws UNAUTHENTICATED for nobody. */
export function requireViewer({ viewer }: { viewer: Viewer | undefined }): Viewer {
  if (!viewer) throw unauthenticated();
  return viewer;
}
