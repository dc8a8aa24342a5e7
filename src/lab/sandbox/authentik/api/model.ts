import type { Attributes, AuthentikState } from '../../state/authentik-state.ts';
import type { Json, JsonObject } from '../../state/json.ts';
import { forgetPages } from './application-pages.ts';
import { type ModelName, record } from './event.ts';
import { canonicalUuid, type Fields, isUuid } from './field.ts';
import { listReply, ordered, pageOf } from './paging.ts';
import { may, need } from './permission.ts';
import {
  type AuthentikReply,
  created,
  invalidField,
  lacksPermission,
  noContent,
  notFound,
  ok,
} from './reply.ts';
import { type AuthentikCall, type AuthentikHandler, type AuthentikRoute, routeKey } from './router.ts';
import { readBody, type WriteMode } from './serializer.ts';

/** The rows for a query parameter; throws 400 for an invalid value. */
export type Filter<Row> = (value: string, call: AuthentikCall) => (row: Row) => boolean;

/** One kind of object of the API, with everything that is specific to it. */
export interface Model<Row extends object> extends ModelName {
  /** The class name in 404 messages. */
  className: string;
  /** For example `/core/groups/`. */
  path: string;
  /** The member by which the URL names a row. */
  lookup: keyof Row & string;
  keyKind: 'uuid' | 'integer' | 'text';
  parameter: string;
  /** The table with the rows. */
  table(state: AuthentikState): Row[];
  /** True if a row of the table belongs to this kind; absent: all do. */
  belongs?(row: Row): boolean;
  title(row: Row): string;
  pk(row: Row): Json;
  fields: Fields;
  /** In the form of `?ordering=`: the default order of a list. */
  ordering: string;
  searched: readonly (keyof Row & string)[];
  filters: { readonly [parameter: string]: Filter<Row> };
  /** Its list describes a query language. */
  isQueried?: true;
  view(call: AuthentikCall, row: Row): JsonObject;
  /** Checks across fields; `attributes` has exactly the members of the body. */
  validate?(call: AuthentikCall, attributes: Attributes, row: Row | null, mode: WriteMode): void;
  /** Makes and stores a row; the attributes have been validated. */
  create(call: AuthentikCall, attributes: Attributes): Row;
  update?(call: AuthentikCall, row: Row, attributes: Attributes): void;
  /** Removes the row and everything that depends on it. */
  remove(call: AuthentikCall, row: Row): void;
  usedBy?(call: AuthentikCall, row: Row): JsonObject[];
}

export type Action = 'list' | 'create' | 'retrieve' | 'put' | 'patch' | 'delete' | 'used_by';

const EVERY_ACTION: readonly Action[] = ['list', 'create', 'retrieve', 'put', 'patch', 'delete', 'used_by'];

/** The routes of a model: its list, its rows and their users. */
export function modelRoutes<Row extends object>(
  model: Model<Row>,
  actions: readonly Action[] = EVERY_ACTION,
): AuthentikRoute[] {
  const rowPath = `${model.path}{${model.parameter}}/`;
  const table: Readonly<Record<Action, readonly [string, string, AuthentikHandler]>> = {
    list: ['GET', model.path, (call) => listRows(model, call)],
    create: ['POST', model.path, (call) => createRow(model, call)],
    retrieve: ['GET', rowPath, (call) => ok(model.view(call, visibleRow(model, call)))],
    put: ['PUT', rowPath, (call) => updateRow(model, call, 'put')],
    patch: ['PATCH', rowPath, (call) => updateRow(model, call, 'patch')],
    delete: ['DELETE', rowPath, (call) => deleteRow(model, call)],
    used_by: ['GET', `${rowPath}used_by/`, (call) => listUsers(model, call)],
  };
  return actions.map((action) => table[action]);
}

export function permission(model: ModelName, verb: 'view' | 'add' | 'change' | 'delete'): string {
  return `${model.app}.${verb}_${model.model}`;
}

/** The rows of a list. Without the permission, a list is refused, not empty (facts §2.15). */
function listRows<Row extends object>(model: Model<Row>, call: AuthentikCall): AuthentikReply {
  need(call, permission(model, 'view'));
  const { items, pagination } = pageOf(ordered(call, selectedRows(model, call), model.ordering), call.query);
  return listReply(
    pagination,
    items.map((row) => model.view(call, row)),
    model.isQueried === true ? queryLanguage(model) : {},
  );
}

/** The members that a query may name, in the form for editors. */
function queryLanguage<Row extends object>(model: Model<Row>): JsonObject {
  const name = `${model.app}.${model.model}`;
  const members = model.searched.map((member) => [member, { type: 'str', nullable: false, options: [] }]);
  return { current_model: name, models: { [name]: Object.fromEntries(members) }, suggestions_api_url: null };
}

export function rowsOf<Row extends object>(model: Model<Row>, state: AuthentikState): Row[] {
  return model.table(state).filter((row) => model.belongs?.(row) ?? true);
}

/** The rows that match the query's filters and its search. */
export function selectedRows<Row extends object>(model: Model<Row>, call: AuthentikCall): Row[] {
  let rows = rowsOf(model, call.state);
  for (const [parameter, filter] of Object.entries(model.filters)) {
    const values = call.query.getAll(parameter).filter((value) => value !== '');
    if (values.length === 0) continue;
    const ways = values.map((value) => filter(value, call));
    rows = rows.filter((row) => ways.some((matches) => matches(row)));
  }
  const words = (call.query.get('search') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) =>
    words.every((word) =>
      model.searched.some((field) =>
        String(row[field] ?? '')
          .toLowerCase()
          .includes(word),
      ),
    ),
  );
}

/** The row that the URL names; 404 also for one that the caller may not see. */
export function visibleRow<Row extends object>(model: Model<Row>, call: AuthentikCall): Row {
  const row = rowByKey(model, call.state, routeKey(call));
  if (!may(call, permission(model, 'view'))) throw notFound(model.className);
  return row;
}

export function rowByKey<Row extends object>(model: Model<Row>, state: AuthentikState, key: string): Row {
  if (model.keyKind === 'uuid' && !isUuid(key)) throw notFound();
  if (model.keyKind === 'integer' && !/^\d+$/.test(key)) throw notFound();
  const wanted = model.keyKind === 'uuid' ? canonicalUuid(key) : key;
  const row = model
    .table(state)
    .find((candidate) => String(candidate[model.lookup]) === wanted && (model.belongs?.(candidate) ?? true));
  if (row === undefined) throw notFound(model.className);
  return row;
}

function createRow<Row extends object>(model: Model<Row>, call: AuthentikCall): AuthentikReply {
  need(call, permission(model, 'add'));
  const row = made(model, call, validated(model, call, call.body, null, 'create'));
  return created(model.view(call, row));
}

/** The body's attributes; throws an error with every mistake. */
export function validated<Row extends object>(
  model: Model<Row>,
  call: AuthentikCall,
  body: unknown,
  row: Row | null,
  mode: WriteMode,
): Attributes {
  const attributes = readBody(model.fields, body, mode, { state: call.state, row });
  model.validate?.(call, attributes, row, mode);
  return attributes;
}

/** Makes a row of these attributes, with its event. */
export function made<Row extends object>(
  model: Model<Row>,
  call: AuthentikCall,
  attributes: Attributes,
): Row {
  const row = model.create(call, attributes);
  model.table(call.state).push(row);
  record(call, 'model_created', model, model.pk(row), model.title(row));
  forgetPages(call.state, model.model, 'created');
  return row;
}

function updateRow<Row extends object>(
  model: Model<Row>,
  call: AuthentikCall,
  mode: 'put' | 'patch',
): AuthentikReply {
  const row = visibleRow(model, call);
  if (!may(call, permission(model, 'change'))) throw lacksPermission();
  const attributes = validated(model, call, call.body, row, mode);
  changed(model, call, row, attributes);
  return ok(model.view(call, row));
}

export function changed<Row extends object>(
  model: Model<Row>,
  call: AuthentikCall,
  row: Row,
  attributes: Attributes,
): void {
  if (model.update === undefined) Object.assign(row, attributes);
  else model.update(call, row, attributes);
  record(call, 'model_updated', model, model.pk(row), model.title(row));
  forgetPages(call.state, model.model, 'updated');
}

function deleteRow<Row extends object>(model: Model<Row>, call: AuthentikCall): AuthentikReply {
  const row = visibleRow(model, call);
  if (!may(call, permission(model, 'delete'))) throw lacksPermission();
  ended(model, call, row);
  return noContent;
}

/** Removes a row, with its event; also called for cascades. */
export function ended<Row extends object>(model: Model<Row>, call: AuthentikCall, row: Row): void {
  record(call, 'model_deleted', model, model.pk(row), model.title(row));
  model.remove(call, row);
  const table = model.table(call.state);
  const at = table.indexOf(row);
  if (at >= 0) table.splice(at, 1);
}

/** The users of a row that the caller may see (facts §2.4). */
function listUsers<Row extends object>(model: Model<Row>, call: AuthentikCall): AuthentikReply {
  const users = model.usedBy?.(call, visibleRow(model, call)) ?? [];
  return ok(users.filter(({ app, model_name }) => may(call, `${app}.view_${model_name}`)));
}

/** An entry of `used_by/`. */
export function usage(
  name: ModelName,
  pk: Json,
  title: string,
  action: 'cascade' | 'cascade_many' | 'set_null' | 'set_default' | 'left_dangling',
): JsonObject {
  return { app: name.app, model_name: name.model, pk: String(pk), name: title, action };
}

/** Rows whose member equals the value. */
export function equals<Row extends object>(member: keyof Row & string): Filter<Row> {
  return (value) => (row) => String(row[member] ?? '') === value;
}

export function equalsIgnoringCase<Row extends object>(member: keyof Row & string): Filter<Row> {
  return (value) => (row) => String(row[member] ?? '').toLowerCase() === value.toLowerCase();
}

export function contains<Row extends object>(member: keyof Row & string): Filter<Row> {
  return (value) => (row) =>
    String(row[member] ?? '')
      .toLowerCase()
      .includes(value.toLowerCase());
}

/** A filter by truth. Any value except true and false filters nothing. */
export function isTrue<Row extends object>(holds: (row: Row, call: AuthentikCall) => boolean): Filter<Row> {
  return (value, call) => {
    const wanted = value.toLowerCase();
    if (wanted !== 'true' && wanted !== 'false') return () => true;
    return (row) => holds(row, call) === (wanted === 'true');
  };
}

/** A filter by reference; an unknown reference is a mistake, not an empty list (facts §1.2). */
export function refersTo<Row extends object>(
  parameter: string,
  isThere: (state: AuthentikState, value: string) => boolean,
  holds: (row: Row, value: string) => boolean,
): Filter<Row> {
  return (value, call) => {
    if (!isUuid(value)) throw invalidField(parameter, `“${value}” is not a valid UUID.`);
    const wanted = canonicalUuid(value);
    if (!isThere(call.state, wanted)) throw badChoice(parameter);
    return (row) => holds(row, wanted);
  };
}

function badChoice(parameter: string): Error {
  return invalidField(parameter, 'Select a valid choice. That choice is not one of the available choices.');
}
