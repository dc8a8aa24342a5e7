import type { Json, JsonObject } from '../../state/json.ts';

/** The answer of a handler; a null body means no body. */
export interface AuthentikReply {
  status: number;
  body: Json;
}

/** An unsuccessful answer. Handlers throw it before they change anything. */
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

/** A refusal in Django REST framework's form, with the mistakes of each field. */
export function invalid(errors: JsonObject): AuthentikApiError {
  return new AuthentikApiError(400, errors);
}

/** The same for one field. */
export function invalidField(field: string, message: string): AuthentikApiError {
  return invalid({ [field]: [message] });
}

/** A 403, also where other APIs use 401 (facts §1.2). */
export function denied(detail: string): AuthentikApiError {
  return new AuthentikApiError(403, { detail });
}

export function lacksPermission(): AuthentikApiError {
  return denied('You do not have permission to perform this action.');
}

/** A 404. `model` is the name of the class, such as `Application`; without it, the key was invalid. */
export function notFound(model?: string): AuthentikApiError {
  const detail = model === undefined ? 'Not found.' : `No ${model} matches the given query.`;
  return new AuthentikApiError(404, { detail });
}

/** Django's own 404 in HTML, for a path without a route. */
export function noRoute(): AuthentikApiError {
  return new AuthentikApiError(
    404,
    '<!DOCTYPE html><html><head><title>Not Found - authentik</title></head></html>',
  );
}
