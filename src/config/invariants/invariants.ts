import type { Finding } from '../mistakes/finding.ts';
import { admitsEverybody, groupsWithoutAuthentik } from './admission.ts';
import { cannotBeCarriedOut, twoDoorsToOneBackend } from './backends.ts';
import type { Invariant, Judged } from './invariant.ts';
import { loginBeforeTheLogin, noLoginHost, noWayBackIn, tokenOnTheLoginHost } from './login-host.ts';
import { beyondTheCertificate, oneNameTwice, wayAround } from './names.ts';
import { undeliveredTokens } from './undelivered.ts';
import { declaredAndUnused } from './unused.ts';

/**
 * The invariants that a file alone can break. Those without a check are enforced where the shape is read, and G122 in
 * src/expect, by the model of the doors.
 */
export const fileInvariants: readonly Invariant[] = [
  { code: 'G101', severity: 'error', title: 'two gates on one door' },
  { code: 'G102', severity: 'error', title: 'a record that leads around a gate', check: wayAround },
  {
    code: 'G103',
    severity: 'error',
    title: 'a login that nobody gets to',
    check: noLoginHost,
  },
  {
    code: 'G104',
    severity: 'error',
    title: 'a login in front of the login host',
    check: loginBeforeTheLogin,
  },
  {
    code: 'G105',
    severity: 'error',
    title: 'a service token on paths of the login host that browsers use',
    check: tokenOnTheLoginHost,
  },
  { code: 'G106', severity: 'error', title: 'a gate that lets everybody in', check: admitsEverybody },
  { code: 'G107', severity: 'error', title: 'an open door without a reason' },
  { code: 'G108', severity: 'error', title: 'a path that is neither exact nor a subtree, or one door twice' },
  { code: 'G109', severity: 'warning', title: 'declared and unused', check: declaredAndUnused },
  { code: 'G113', severity: 'error', title: 'a webhook without a secret' },
  { code: 'G114', severity: 'error', title: 'a host outside the zones' },
  { code: 'G115', severity: 'error', title: 'one name twice', check: oneNameTwice },
  {
    code: 'G116',
    severity: 'error',
    title: 'a gate that its origin or its client cannot carry out',
    check: cannotBeCarriedOut,
  },
  {
    code: 'G117',
    severity: 'error',
    title: 'two doors with different gates to one backend',
    check: twoDoorsToOneBackend,
  },
  {
    code: 'G118',
    severity: 'warning',
    title: 'a host for which Universal SSL has no certificate',
    check: beyondTheCertificate,
  },
  {
    code: 'G119',
    severity: 'error',
    title: 'groups that Access cannot see',
    check: groupsWithoutAuthentik,
  },
  {
    code: 'G120',
    severity: 'warning',
    title: 'no way back in when Authentik is down',
    check: noWayBackIn,
  },
  {
    code: 'G121',
    severity: 'warning',
    title: 'a tunnel that nobody can run',
    check: undeliveredTokens,
  },
  { code: 'G122', severity: 'error', title: 'an assertion that the file breaks' },
];

/** Every breach of every file invariant. */
export function invariantFindings(judged: Judged): Finding[] {
  return fileInvariants.flatMap(({ code, severity, check }) =>
    (check?.(judged) ?? []).map((breach) => ({ severity, ...breach, rule: code })),
  );
}
