/** Whoever asks, once their credential has been believed. */
import { forbidden, unauthenticated } from '../graphql/errors.js';
import { Role } from './user.js';

export type Viewer = { id: string; sessionId: string; role: Role };

/** @throws UNAUTHENTICATED for nobody. */
export function requireViewer({ viewer }: { viewer: Viewer | undefined }): Viewer {
  if (!viewer) throw unauthenticated();
  return viewer;
}

/** @throws UNAUTHENTICATED for nobody, FORBIDDEN for who is no admin. */
export function requireAdmin(context: { viewer: Viewer | undefined }): Viewer {
  const viewer = requireViewer(context);
  if (viewer.role !== Role.ADMIN) throw forbidden('Only an admin may do this');
  return viewer;
}
