import type { EdgeAnswer, EdgeRequest } from '../../src/core/world.ts';
import type { Tamper } from './laboratory.ts';

const refusal = { success: false, errors: [{ code: 12130, message: 'refused' }], messages: [], result: null };

/** The API rejects such a call, and no other. */
export function refuses(method: string, path: RegExp, isSo: (body: string) => boolean = () => true): Tamper {
  return {
    api: async (call, reply) => {
      const isRefused = call.method === method && path.test(call.path) && isSo(JSON.stringify(call.body));
      return isRefused ? Response.json(refusal, { status: method === 'GET' ? 403 : 400 }) : reply();
    },
  };
}

/** The API accepts such a call and does nothing. */
export function takes(method: string, path: RegExp, isSo: (body: string) => boolean = () => true): Tamper {
  return {
    api: async (call, reply) => {
      const isTaken = call.method === method && path.test(call.path) && isSo(JSON.stringify(call.body));
      return isTaken
        ? Response.json({ ...refusal, success: true, errors: [], result: { id: 'none' } })
        : reply();
    },
  };
}

/** The API returns these texts changed. */
export function rewrites(path: RegExp, from: string | RegExp, to: string): Tamper {
  return {
    api: async (call, reply) => {
      const response = await reply();
      if (!path.test(call.path)) return response;
      return new Response((await response.text()).replaceAll(from, to), response);
    },
  };
}

/** The edge gives such requests this answer. */
export function onlyFor(isSo: (request: EdgeRequest) => boolean, answer: EdgeAnswer): Tamper {
  return { edge: (request) => (isSo(request) ? answer : undefined) };
}

/** The edge replaces such answers. */
export function instead(
  isSo: (answer: EdgeAnswer, request: EdgeRequest) => boolean,
  part: Partial<EdgeAnswer>,
): Tamper {
  return { edge: (request, answer) => (isSo(answer, request) ? { ...answer, ...part } : undefined) };
}

export const page = { status: 200, headers: { 'cf-ray': '1' }, body: '' };
export const otherAccess = {
  status: 403,
  headers: { 'cf-ray': '1', 'cf-access-aud': 'other', 'cf-access-domain': 'other' },
  body: '',
};
export const blocked = { status: 403, headers: { 'cf-ray': '1' }, body: '' };

/** The API claims, once, that it has removed an object that is in use. */
export function removesInUse(path: RegExp): Tamper {
  let refused = 0;
  return {
    api: async (call, reply) => {
      const response = await reply();
      if (call.method !== 'DELETE' || !path.test(call.path) || response.ok || refused > 0) return response;
      refused += 1;
      return Response.json({ success: true, errors: [], messages: [], result: { id: 'none' } });
    },
  };
}

/** After the first write, gates once reads a foreign rule changed; it writes back what it reads. */
export function losesForeignRule(): Tamper {
  let [isWritten, isRead] = [false, false];
  return {
    api: async (call, reply) => {
      const response = await reply();
      if (!call.path.endsWith('/configurations')) return response;
      isWritten ||= call.method === 'PUT';
      if (!isWritten || isRead || call.method === 'PUT') return response;
      isRead = true;
      return new Response((await response.text()).replace('http://wiki.lan', 'http://other.lan'), response);
    },
  };
}
