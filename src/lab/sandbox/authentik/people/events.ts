import type { EventRow } from '../../state/authentik-state.ts';
import { isObject, type JsonObject } from '../../state/json.ts';
import { brandReference, plainPk } from '../api/event.ts';
import { equals, type Filter, type Model, modelRoutes } from '../api/model.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** The audit log of changes; it has no filter by date (facts §2.13). */
const eventModel: Model<EventRow> = {
  app: 'authentik_events',
  model: 'event',
  className: 'Event',
  path: '/events/events/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'event_uuid',
  table: (state) => state.events,
  title: (row) => row.action,
  pk: (row) => row.pk,
  fields: {},
  ordering: '-created',
  searched: ['action', 'app'],
  filters: {
    action: (value) => (row) => row.action.includes(value.toLowerCase()),
    actions: equals('action'),
    username: (value) => (row) => row.user.username === value,
    context_model_app: ofModel('app'),
    context_model_name: ofModel('model_name'),
    context_model_pk: ofModel('pk'),
  },
  view: eventView,
  create: () => {
    throw new TypeError('events are written by what happens');
  },
  remove: () => {},
};

export const eventRoutes: readonly AuthentikRoute[] = modelRoutes(eventModel, ['list', 'retrieve']);

/** Filters by a key, with or without dashes, or by an integer as text. */
function ofModel(member: 'app' | 'model_name' | 'pk'): Filter<EventRow> {
  return (value) => (row) => {
    const { model } = row.context;
    return isObject(model) && String(model[member]) === String(plainPk(value));
  };
}

function eventView({ state }: AuthentikCall, row: EventRow): JsonObject {
  const brand = state.brands.find((candidate) => candidate.default);
  return {
    pk: row.pk,
    user: row.user,
    action: row.action,
    app: row.app,
    context: row.context,
    client_ip: '127.0.0.1',
    created: row.created,
    expires: new Date(Date.parse(row.created) + YEAR_MS).toISOString(),
    brand: brand === undefined ? {} : brandReference(brand.brand_uuid),
  };
}
