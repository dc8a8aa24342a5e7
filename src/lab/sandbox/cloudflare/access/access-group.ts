import { type FieldTable, fieldMistake, flag, ignored, list, text } from '../../state/field.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { type AccessGroup, type JsonObject, timestamp, type World } from '../../state/world.ts';
import { invalidAccessRequest } from '../api/reply.ts';
import { accessRules } from './access-rule.ts';

const FIELDS: FieldTable = {
  name: text,
  include: list,
  exclude: list,
  require: list,
  is_default: flag,
  id: ignored,
  created_at: ignored,
  updated_at: ignored,
};

/** The group of a complete body, or the refusal; nothing is stored yet. */
export function groupOf(world: World, body: unknown, before?: AccessGroup): AccessGroup {
  if (!isObject(body)) throw invalidAccessRequest('group is missing or invalid');
  const mistake = fieldMistake(body, FIELDS);
  if (mistake !== null) throw invalidAccessRequest(mistake);
  if (typeof body.name !== 'string' || body.name === '' || body.name.length > 350) {
    throw invalidAccessRequest('group name must have 1 to 350 characters');
  }
  const include = accessRules(world, body.include, null, 'include');
  if (include.length === 0) throw invalidAccessRequest('group must have at least one include rule');
  const at = timestamp(world);
  const group: AccessGroup = {
    id: before?.id ?? newUuid(world),
    name: body.name,
    include,
    exclude: accessRules(world, body.exclude, null, 'exclude'),
    require: accessRules(world, body.require, null, 'require'),
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  };
  if (contains(world, group, group.id)) throw invalidAccessRequest('group can not contain itself');
  return group;
}

/** True if one of the group's rules, or of the groups that they name, refers to group `id`. */
function contains(world: World, group: AccessGroup, id: string): boolean {
  return groupsNamed(group).some((named) => {
    const inner = world.accessGroups?.find((other) => other.id === named);
    return named === id || (inner !== undefined && contains(world, inner, id));
  });
}

/** The ids of the groups to which rules refer. */
export function groupsNamed({
  include,
  exclude,
  require,
}: Pick<AccessGroup, 'include' | 'exclude' | 'require'>): string[] {
  return [...include, ...exclude, ...require].flatMap(({ group }) =>
    isObject(group) && typeof group.id === 'string' ? [group.id] : [],
  );
}

export function groupView(group: AccessGroup): JsonObject {
  return {
    id: group.id,
    name: group.name,
    include: group.include,
    exclude: group.exclude,
    require: group.require,
    created_at: group.createdAt,
    updated_at: group.updatedAt,
  };
}
