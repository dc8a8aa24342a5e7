import { createHash } from 'node:crypto';
import { type FieldTable, fieldMistake, list, text, texts } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import { type JsonObject, timestamp, type WorkerScript } from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { routesOfScript } from './worker-routes.ts';

/** Workers with one module, uploaded at once; written from Cloudflare's page on multipart uploads and its SDK. */
export const workerScriptRoutes: readonly CloudflareRoute[] = [
  ['GET', '/accounts/{account_id}/workers/scripts', listScripts],
  ['PUT', '/accounts/{account_id}/workers/scripts/{script_name}', upload],
  ['DELETE', '/accounts/{account_id}/workers/scripts/{script_name}', deleteScript],
  ['GET', '/accounts/{account_id}/workers/scripts/{script_name}/settings', showSettings],
];

const METADATA: FieldTable = { main_module: text, bindings: list, compatibility_date: text, tags: texts };
const BINDING: FieldTable = { type: text, name: text, text };

/** "defaults to the oldest compatibility date". */
const OLDEST_DATE = '2021-11-02';

function scriptsOf({ world }: CloudflareCall): WorkerScript[] {
  return world.workerScripts ?? [];
}

function view({ id, etag, compatibilityDate, tags, createdAt, updatedAt }: WorkerScript): JsonObject {
  return {
    ...{ id, etag, handlers: ['fetch'], has_modules: true, has_assets: false, usage_model: 'standard' },
    ...{ tags, compatibility_date: compatibilityDate, created_on: createdAt, modified_on: updatedAt },
  };
}

function listScripts(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  return okEnvelope(scriptsOf(call).map(view));
}

function find(call: CloudflareCall): WorkerScript {
  requireAccount(call);
  const found = scriptsOf(call).find(({ id }) => id === param(call, 'script_name'));
  if (found === undefined)
    throw new CloudflareApiError(404, { code: 10007, message: 'workers.api.error.script_not_found' });
  return found;
}

function showSettings(call: CloudflareCall): CloudflareReply {
  const { bindings, compatibilityDate, tags } = find(call);
  return okEnvelope({
    ...{ bindings, tags, compatibility_date: compatibilityDate, compatibility_flags: [] },
    ...{ logpush: false, tail_consumers: null, usage_model: 'standard' },
  });
}

/** An upload replaces modules, bindings and tags. */
function upload(call: CloudflareCall): CloudflareReply {
  requireAccount(call);
  const id = param(call, 'script_name');
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(id)) throw invalid(`'${id}' is no name of a Worker`);
  const metadata = metadataOf(call);
  const mainModule = String(metadata.main_module);
  const part = call.parts?.[mainModule];
  if (part === undefined) throw invalid(`there is no part '${mainModule}'`);
  if (!/^(application|text)\/javascript\+module(;|$)/.test(part.type))
    throw invalid(`the part '${mainModule}' is '${part.type}' and no module`);
  const { world } = call;
  const at = timestamp(world);
  const before = scriptsOf(call).find((script) => script.id === id);
  const script: WorkerScript = {
    id,
    etag: createHash('sha256').update(part.text).digest('hex'),
    mainModule,
    code: part.text,
    bindings: (metadata.bindings ?? []) as JsonObject[],
    compatibilityDate: String(metadata.compatibility_date ?? OLDEST_DATE),
    tags: (metadata.tags ?? []) as string[],
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  };
  world.workerScripts = [...scriptsOf(call).filter((other) => other.id !== id), script];
  return okEnvelope({ ...view(script), startup_time_ms: 1 });
}

function metadataOf(call: CloudflareCall): JsonObject {
  const metadata: unknown = parsed(call.parts?.metadata?.text ?? '');
  if (!isObject(metadata)) throw invalid('the part `metadata` must be an object');
  const { bindings = [] } = metadata;
  const mistake =
    fieldMistake(metadata, METADATA) ??
    (metadata.main_module === undefined ? "'main_module' is missing" : null) ??
    (Array.isArray(bindings) ? (bindings.map(bindingMistake).find((each) => each !== null) ?? null) : null);
  if (mistake !== null) throw invalid(mistake);
  return metadata;
}

function bindingMistake(binding: unknown): string | null {
  if (!isObject(binding)) return 'a binding must be an object';
  if (binding.type !== 'plain_text') return `the sandbox plays no binding '${binding.type}'`;
  const missing = ['name', 'text'].find((name) => binding[name] === undefined);
  return fieldMistake(binding, BINDING) ?? (missing === undefined ? null : `'${missing}' is missing`);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** A Worker to which a route leads is kept: the documents do not say what becomes of such a route. */
function deleteScript(call: CloudflareCall): CloudflareReply {
  const { id } = find(call);
  if (routesOfScript(call.world, id).length > 0)
    throw new CloudflareApiError(409, { code: 10064, message: `workers.api.error: a route leads to ${id}` });
  call.world.workerScripts = scriptsOf(call).filter((script) => script.id !== id);
  return okEnvelope(null);
}

function invalid(message: string): CloudflareApiError {
  return new CloudflareApiError(400, { code: 10021, message: `workers.api.error: ${message}` });
}
