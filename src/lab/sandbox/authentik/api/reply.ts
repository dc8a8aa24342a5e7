import type { Json, JsonObject } from '../../state/json.ts';

/** What a handler answers; a null body is an answer without one. */
export interface AuthentikReply {
  status: number;
  body: Json;
}

/** An answer that is not a success: thrown by handlers, before they have changed anything. */
export class AuthentikApiError extends Error {
  readonly status: number;
  /** A string is HTML. */
  readonly body: Json;

  constructor(status: number, body: Json) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

export function ok(body: Json): AuthentikReply {
  return { status: 200, body };
}

export function created(body: Json): AuthentikReply {
  return { status: 201, body };
}

export const noContent: AuthentikReply = { status: 204, body: null };

/** Django REST framework's way of saying what is wrong with which field. */
export function invalid(errors: JsonObject): AuthentikApiError {
  return new AuthentikApiError(400, errors);
}

/** The same for one field. */
export function invalidField(field: string, message: string): AuthentikApiError {
  return invalid({ [field]: [message] });
}

/** 403 also where others say 401 (facts §1.2). */
export function denied(detail: string): AuthentikApiError {
  return new AuthentikApiError(403, { detail });
}

export function lacksPermission(): AuthentikApiError {
  return denied('You do not have permission to perform this action.');
}

/** `model` is the name of the class, as `Application`; without it the key was none at all. */
export function notFound(model?: string): AuthentikApiError {
  const detail = model === undefined ? 'Not found.' : `No ${model} matches the given query.`;
  return new AuthentikApiError(404, { detail });
}

/** Django's own 404, in HTML: for a path that no route has. */
export function noRoute(): AuthentikApiError {
  return new AuthentikApiError(
    404,
    '<!DOCTYPE html><html><head><title>Not Found - authentik</title></head></html>',
  );
}
