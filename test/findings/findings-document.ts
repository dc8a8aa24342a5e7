import { findingRuleIds, findingRules } from '../../src/report/findings/finding-rules.ts';
import type { FindingsDocument } from '../../src/report/findings/findings.ts';

/** A document with one finding of each rule, and two questions without an answer. */
export const everyFinding: FindingsDocument = {
  version: 1,
  file: 'none',
  zones: ['example.dev'],
  authentik: true,
  findings: findingRuleIds.map((rule) => ({
    rule,
    harm: findingRules[rule].harm,
    subject: { kind: 'host', name: `${rule}.example.dev` },
    says: `Something is wrong at ${rule}.example.dev`,
    todo: findingRules[rule].todo,
  })),
  unanswered: [
    { rules: ['cached-door'], reason: 'cloudflare/cache-rule could not be read: no permission' },
    { rules: ['open-door'], about: 'app.example.dev', reason: 'it answered 502' },
  ],
};

export const noFinding: FindingsDocument = { ...everyFinding, file: 'read', findings: [], unanswered: [] };
