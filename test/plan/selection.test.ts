import { describe, expect, it } from 'vitest';
import { ref } from '../../src/core/objects/reference.ts';
import { gate, live, planOf, route, steps, thing, want } from './support/fakes.ts';

describe('a plan', () => {
  it('can be restricted to one service and its dependencies', () => {
    const wants = [
      want(thing, 'shared', { value: 'v' }, { because: 'cloudflare' }),
      want(thing, 'mine', { value: 'v', link: ref('cloudflare/thing:shared') }, { because: 'services.mine' }),
      want(thing, 'deep', { value: 'v' }, { because: 'services.mine.paths' }),
      want(thing, 'other', { value: 'v' }, { because: 'services.other' }),
    ];
    expect(steps(planOf(wants, [], { service: 'mine' }))).toEqual([
      'create thing deep',
      'create thing shared',
      'create thing mine',
    ]);
  });

  it('keeps, for one service, distant dependencies, and existing ones that drifted or are to be adopted', () => {
    const wants = [
      want(thing, 'client', { value: 'new' }, { because: 'clients.mine' }),
      want(
        thing,
        'app',
        { value: 'v', link: ref('cloudflare/thing:client') },
        { because: 'clients.mine', needs: ['cloudflare/thing:adopted'] },
      ),
      want(thing, 'adopted', { value: 'v' }, { because: 'groups.mine' }),
      want(thing, 'mine', { value: 'v', link: ref('cloudflare/thing:app') }, { because: 'services.mine' }),
      want(thing, 'other', { value: 'v' }, { because: 'clients.other' }),
    ];
    const lives = [
      live(thing, 'client', { value: 'old' }),
      live(thing, 'adopted', { value: 'v' }, { owner: undefined }),
      live(thing, 'app', { value: 'v', link: 'thing-client' }),
      live(thing, 'mine', { value: 'v', link: 'thing-app' }),
    ];
    expect(steps(planOf(wants, lives, { service: 'mine', adopt: true }))).toEqual([
      'adopt thing adopted',
      'update thing client',
    ]);
  });

  it('can be restricted to adoption, with what comes before it', () => {
    const wants = [
      want(thing, 'alone', { value: 'v' }),
      want(thing, 'made', { value: 'v' }),
      want(thing, 'leans', { value: 'v', link: ref('cloudflare/thing:made') }),
      want(thing, 'ours', { value: 'v' }),
      want(thing, 'drifted', { value: 'v' }),
      want(thing, 'unneeded', { value: 'v' }),
    ];
    const lives = [
      live(thing, 'drifted', { value: 'old' }),
      live(thing, 'alone', { value: 'old' }, { owner: undefined }),
      live(thing, 'leans', { value: 'v', link: 'x' }, { owner: undefined }),
      live(thing, 'ours', { value: 'v' }),
    ];
    const plan = planOf(wants, lives, { adopt: true, adoptOnly: true });
    expect(plan.changes.map(({ verb, address }) => `${verb} ${address.key}`)).toEqual([
      'adopt alone',
      'create made',
      'adopt leans',
      'keep ours',
    ]);
  });

  describe('restricted to the adoption of a service', () => {
    const because = 'services.a';
    const adopting = { adopt: true, adoptOnly: true, service: 'a' };
    const verbsOf = (...parts: Parameters<typeof planOf>) =>
      planOf(...parts).changes.map(({ verb, address }) => `${verb} ${address.key}`);
    const taken = want(thing, 'taken', { value: 'v' }, { because });
    const unmarked = live(thing, 'taken', { value: 'v' }, { owner: undefined });

    it('makes what the service has not got, unless that opens a host', () => {
      const wants = [
        taken,
        want(thing, 'beside', { value: 'v' }, { because }),
        want(
          route,
          'homelab/a.example.dev',
          { host: 'a.example.dev', via: 'homelab', to: 'app' },
          { because },
        ),
        want(gate, 'g', { host: 'a.example.dev', admits: ['me'] }, { because }),
      ];
      expect(verbsOf(wants, [unmarked], adopting)).toEqual(['adopt taken', 'create beside']);
    });

    it('takes all steps at a host whose gate it makes', () => {
      const wants = [
        taken,
        want(gate, 'g', { host: 'a.example.dev', admits: ['me'] }, { because }),
        want(gate, 'ours', { host: 'a.example.dev', admits: ['me'] }, { because }),
        want(gate, 'elsewhere', { host: 'b.example.dev', admits: ['me'] }, { because }),
      ];
      const lives = [
        unmarked,
        live(gate, 'ours', { host: 'a.example.dev', admits: ['you'] }),
        live(gate, 'elsewhere', { host: 'b.example.dev', admits: ['you'] }),
      ];
      expect(verbsOf(wants, lives, adopting)).toEqual(['adopt taken', 'create g', 'update ours']);
    });

    it('names what is refused of the service', () => {
      const wants = [taken, want(thing, 'x', { value: 'v' }, { because, mustExist: 'make it' })];
      expect(verbsOf(wants, [unmarked], adopting)).toEqual(['adopt taken', 'refuse x']);
    });
  });
});
