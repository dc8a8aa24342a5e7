import { reconcilers } from '../../../reconcilers/index.ts';
import { createAuthentikWire } from '../../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { Recording } from '../../../src/clients/http/recording.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import { rehearse } from '../../../src/lab/rehearsal/rehearse.ts';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { createWorld } from '../../../src/observed/world.ts';
import type { Rehearsal } from '../../../src/report/rehearsal/rehearsal.ts';
import { type ReconcileRequest, type Report, reconcile } from '../../../src/run/reconcile.ts';
import { type Disk, newDisk } from '../../scenarios/stage/disk.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { eagerClock } from '../../support/world.ts';

/** A sandbox that plays the real systems, and one machine that runs gates on them. */
export class Live {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
  recording = new Recording();

  constructor(sandbox: Sandbox, disk: Disk = newDisk()) {
    this.sandbox = sandbox;
    this.disk = disk;
  }

  apply(text: string): Promise<Report> {
    return this.#pass({ ...requestOf(text), apply: true });
  }

  /** Plans, and rehearses the plan on a copy. */
  async rehearse(text: string, options: Rehearsing = {}): Promise<Rehearsal> {
    const { kinds = reconcilers, unverified = [], forget = () => false, most = 1000 } = options;
    const request = requestOf(text, unverified);
    this.recording = new Recording();
    const { plan, mistakes } = await this.#pass({ ...request, apply: false }, kinds);
    if (plan === undefined) throw new Error(mistakes.map(({ message }) => message).join('\n'));
    const replies = this.recording.replies.filter(({ path }) => !forget(path));
    const parts = { replies, plan, request, reconcilers: kinds, disk: this.disk };
    const { onTrial = () => {}, goesOn = () => true } = options;
    return rehearse({ ...parts, seed: 1, most, onTrial, goesOn });
  }

  #pass(request: ReconcileRequest, kinds: readonly AnyReconciler[] = reconcilers): Promise<Report> {
    const { sandbox, disk, recording } = this;
    const clock = eagerClock();
    const shared = { clock, redactor: createRedactor(), signal: new AbortController().signal };
    const cloudflare = createCloudflareWire({
      ...shared,
      token: sandbox.token,
      baseUrl: sandbox.urls.cloudflare,
      budget: createBudget(clock),
      fetch: recording.around('cloudflare', sandbox.urls.cloudflare, sandbox.fetch),
    });
    const authentik = createAuthentikWire({
      ...shared,
      token: sandbox.authentikToken,
      url: sandbox.urls.authentik,
      fetch: recording.around('authentik', sandbox.urls.authentik, sandbox.fetch),
    });
    const parts = { ...disk, cloudflare, authentik, edge: sandboxEdge(sandbox), clock };
    const { signal } = shared;
    return reconcile(request, {
      reconcilers: kinds,
      world: (scope) => createWorld({ scope, ...parts, signal }),
    });
  }
}

interface Rehearsing {
  readonly kinds?: readonly AnyReconciler[];
  readonly unverified?: readonly string[];
  /** True for paths whose replies the copy does not get. */
  readonly forget?: (path: string) => boolean;
  readonly most?: number;
  readonly onTrial?: (done: number, all: number) => void;
  readonly goesOn?: () => boolean;
}

function requestOf(text: string, unverified: readonly string[] = []): Omit<ReconcileRequest, 'apply'> {
  const options = { adopt: false, allow: ['prune', 'change'] as const, unverified };
  return { text: new TextEncoder().encode(text), file: 'gates.yaml', options };
}
