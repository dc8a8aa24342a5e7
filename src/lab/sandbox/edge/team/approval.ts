import { isStringArray } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import { type AccessApp, type AccessPolicy, type Approval, now, type World } from '../../state/world.ts';
import { viewOf } from '../view/view.ts';

/** "Up to a maximum of 24 hours" (Cloudflare's page on temporary authentication). */
const LONGEST_MS = 24 * 3_600_000;

interface ApproverGroup {
  needed: number;
  /** Lower case. */
  emails: readonly string[];
  /** It also has a list of addresses, which the sandbox does not know: then anybody may approve. */
  hasList: boolean;
}

/** True if the policy admits its people only with the approval of somebody else. */
export function needsApproval({ settings }: Pick<AccessPolicy, 'settings'>): boolean {
  return settings.approval_required === true;
}

/** The moment (epoch ms) until which enough approvers of every group have approved the person, or null. */
export function approvedUntil(
  world: World,
  { aud }: AccessApp,
  policy: AccessPolicy,
  email: string,
): number | null {
  const given = (world.approvals ?? []).filter(
    (each) => each.aud === aud && each.email === email.toLowerCase() && each.until > now(world),
  );
  const isEnough = groupsOf(policy).every((group) => approversIn(group, given).size >= group.needed);
  return isEnough ? Math.min(...given.map(({ until }) => until)) : null;
}

/** "The user will have to request access at the end of each session": an approval is good for one. */
export function spendApprovals(world: World, { aud }: AccessApp, email: string): void {
  world.approvals =
    world.approvals?.filter((each) => each.aud !== aud || each.email !== email.toLowerCase()) ?? [];
}

/** Records that an approver approves a person at a door. Returns the mistake in the statement, or null. */
export function approve(world: World, body: Readonly<Record<string, unknown>>): string | null {
  const { host, path = '/', email, by } = body;
  if (![host, path, email, by].every((each) => typeof each === 'string')) {
    return 'host, email and by are texts, and path is one';
  }
  const view = viewOf(world, 'login');
  const app = view.guardingDoor(String(host).toLowerCase(), String(path))?.app;
  if (app === undefined) return 'no Access application covers this door';
  const [person, approver] = [String(email).toLowerCase(), String(by).toLowerCase()];
  const groups = view.policies(app).filter(needsApproval).flatMap(groupsOf);
  if (!groups.some((group) => isApprover(group, approver))) return 'this is no approver of the door';
  if (person === approver) return 'nobody approves themselves';
  const approval: Approval = { aud: app.aud, email: person, by: approver, until: now(world) + LONGEST_MS };
  world.approvals = [...(world.approvals ?? []), approval];
  return null;
}

function groupsOf({ settings }: Pick<AccessPolicy, 'settings'>): ApproverGroup[] {
  const groups = Array.isArray(settings.approval_groups) ? settings.approval_groups : [];
  return groups.filter(isObject).map((group) => ({
    needed: Number(group.approvals_needed),
    emails: isStringArray(group.email_addresses)
      ? group.email_addresses.map((email) => email.toLowerCase())
      : [],
    hasList: typeof group.email_list_uuid === 'string' && group.email_list_uuid !== '',
  }));
}

function isApprover({ emails, hasList }: ApproverGroup, email: string): boolean {
  return hasList || emails.includes(email);
}

function approversIn(group: ApproverGroup, given: readonly Approval[]): ReadonlySet<string> {
  return new Set(given.map(({ by }) => by).filter((by) => isApprover(group, by)));
}
