import { type Admission, nobody, unknown } from '../admission/admission.ts';
import { anyHostOf } from '../state/places.ts';
import type { View } from '../state/view.ts';
import { nameOf, type ZoneRequest } from './edge-rules.ts';
import { readingsOf } from './path-reading.ts';

/** Endings of the paths whose answers Cloudflare keeps on every plan (documents, "Default cache behavior"). */
const extensions = new Set(
  `7z avi avif apk bin bmp bz2 class css csv doc docx dmg ejs eot eps exe flac gif gz ico iso jar jpg jpeg js mid midi mkv
  mp3 mp4 ogg otf pdf pict pls png ppt pptx ps rar svg svgz swf tar tif tiff ttf webm webp woff woff2 xls xlsx zip zst`.split(
    /\s+/,
  ),
);

/**
 * When a copy of an answer may be served: after Access, before the tunnel. Whether there is one depends on who asked before,
 * and on what the origin said, so it is an unknown fact, also of a host that leads nowhere any more: copies outlast what they
 * were made of.
 */
export function servesCopies(view: View, request: ZoneRequest): Admission {
  const { host, path, method, zone } = request;
  if (method !== 'GET' && method !== 'HEAD') return nobody;
  // Copies that are stored later are answers to people whom the doors admit then.
  if (view.parts('purge', host).length > 0) return nobody;
  const copy = copyOf(request);
  if (view.unread('cache-rule')) return copy;
  // The last rule that matches wins.
  const rule = view.parts('cache-rule', host).at(-1);
  if (rule !== undefined) view.weigh({ layer: 'cache', part: rule, admits: rule.keepsOut ? nobody : copy });
  if (rule?.keepsOut === true) return nobody;
  // A rule about the host that does not keep its answers out may keep those of any path, and so may a rule of others.
  if (rule !== undefined || view.parts('cache-rule', anyHostOf(zone)).length > 0) return copy;
  return readingsOf(path).some(isStorable) ? copy : nobody;
}

/** The fact that Cloudflare has a copy of the answer to a request. */
export function copyOf(request: Pick<ZoneRequest, 'host' | 'path' | 'method'>): Admission {
  return unknown('copies', nameOf(request));
}

/** Whether Cloudflare keeps answers of a path without being told. */
export function isStorable(path: string): boolean {
  const file = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return (
    path === '/robots.txt' || (file.includes('.') && extensions.has(file.slice(file.lastIndexOf('.') + 1)))
  );
}
