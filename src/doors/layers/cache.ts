import { type Admission, nobody, unknown } from '../admission/admission.ts';
import { anyHostOf } from '../state/places.ts';
import type { View } from '../state/view.ts';
import { nameOf, type ZoneRequest } from './edge-rules.ts';
import { readingsOf } from './path-reading.ts';

/** Endings of the paths whose answers Cloudflare stores on every plan (documents, "Default cache behavior"). */
const extensions = new Set(
  `7z avi avif apk bin bmp bz2 class css csv doc docx dmg ejs eot eps exe flac gif gz ico iso jar jpg jpeg js mid midi mkv
  mp3 mp4 ogg otf pdf pict pls png ppt pptx ps rar svg svgz swf tar tif tiff ttf webm webp woff woff2 xls xlsx zip zst`.split(
    /\s+/,
  ),
);

/**
 * The condition for serving a copy of an answer: after Access, before the tunnel. It is an unknown fact, because it
 * depends on earlier visitors and on the origin's headers. This includes hosts that lead nowhere any more: copies
 * outlast their origin.
 */
export function servesCopies(view: View, request: ZoneRequest): Admission {
  const { host, path, method, zone } = request;
  if (method !== 'GET' && method !== 'HEAD') return nobody;
  // Copies that are stored after the purge answer people whom the doors admit then.
  if (view.parts('purge', host).length > 0) return nobody;
  const copy = copyOf(request);
  if (view.unread('cache-rule')) return copy;
  // The last rule that matches wins.
  const rule = view.parts('cache-rule', host).at(-1);
  if (rule !== undefined) view.weigh?.({ layer: 'cache', part: rule, admits: rule.keepsOut ? nobody : copy });
  if (rule?.keepsOut === true) return nobody;
  // A rule of the host that does not keep its answers out may store those of any path, and so may a foreign rule.
  if (rule !== undefined || view.parts('cache-rule', anyHostOf(zone)).length > 0) return copy;
  return readingsOf(path).some(isStorable) ? copy : nobody;
}

/** The fact that Cloudflare has a copy of the answer to a request. */
export function copyOf(request: Pick<ZoneRequest, 'host' | 'path' | 'method'>): Admission {
  return unknown('copies', nameOf(request));
}

/** True if Cloudflare stores answers of a path by default. */
export function isStorable(path: string): boolean {
  const file = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return (
    path === '/robots.txt' || (file.includes('.') && extensions.has(file.slice(file.lastIndexOf('.') + 1)))
  );
}
