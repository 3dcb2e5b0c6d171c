/** The table of routes and their handlers, and the fault points of each route. */
import type { Point } from '../../faults/faults.js';
import { isSince, type Version } from '../../version.js';
import * as catalog from './catalog.js';
import * as jobs from './jobs.js';
import * as prompt from './prompt.js';
import type { Handler } from './route.js';
import * as system from './system.js';
import { uploadImage } from './upload.js';
import { view } from './view.js';

export type Route = { name: string; params: string[]; handler: Handler | undefined };

/** `*` stands for the last path segment. All routes also exist under `/api`. */
const ROUTES: Record<string, Handler> = {
  'GET /prompt': prompt.remaining,
  'POST /prompt': prompt.submit,
  'GET /queue': prompt.queue,
  'POST /queue': prompt.changeQueue,
  'POST /interrupt': prompt.interrupt,
  'GET /history': prompt.history,
  'GET /history/*': prompt.history,
  'POST /history': prompt.changeHistory,
  'POST /free': prompt.free,
  'GET /view': view,
  'POST /upload/image': uploadImage,
  'GET /object_info': catalog.objectInfo,
  'GET /object_info/*': catalog.objectInfo,
  'GET /models': catalog.models,
  'GET /models/*': catalog.models,
  'GET /embeddings': catalog.embeddings,
  'GET /system_stats': system.systemStats,
  'GET /features': system.features,
};

/** Only under `/api`, in newer versions. */
const JOB_ROUTES: Record<string, Handler> = { 'GET /api/jobs': jobs.list, 'GET /api/jobs/*': jobs.get };
const JOB_CANCEL = /^\/api\/jobs\/([^/]+)\/cancel$/;

/** The points before a route is handled, and before its response is sent. */
export const FAULT_POINTS: Record<string, { before?: Point; after?: Point }> = {
  'POST /prompt': { before: 'prompt:before', after: 'prompt:after' },
  'GET /queue': { before: 'queue' },
  'GET /history': { before: 'history' },
  'GET /history/*': { before: 'history' },
  'GET /view': { before: 'view:before' },
};

/** An unknown route has no handler; its name is the requested method and path, without `/api`. */
export function findRoute(method: string, path: string, version: Version): Route {
  const verb = method === 'HEAD' ? 'GET' : method;
  const bare = path.replace(/^\/api(?=\/)/, '');
  const [, canceled] = JOB_CANCEL.exec(path) ?? [];
  if (canceled !== undefined && verb === 'POST' && isSince('0.25', version)) {
    return { name: 'POST /api/jobs/*/cancel', params: [decodeURIComponent(canceled)], handler: jobs.cancel };
  }
  const routes = version === '0.3.64' ? ROUTES : { ...ROUTES, ...JOB_ROUTES };
  for (const each of [path, bare]) {
    const exact = routes[`${verb} ${each}`];
    if (exact) return { name: `${verb} ${each}`, params: [], handler: exact };
    const [, parent, last] = /^(\/.+)\/([^/]+)$/.exec(each) ?? [];
    const open = routes[`${verb} ${parent}/*`];
    if (open && last !== undefined) {
      return { name: `${verb} ${parent}/*`, params: [decodeURIComponent(last)], handler: open };
    }
  }
  return { name: `${method} ${bare}`, params: [], handler: undefined };
}

/** Whether the path exists with another method. */
export function isKnownPath(path: string): boolean {
  return Object.keys(ROUTES).some((name) => name.split(' ')[1] === path);
}
