import { describe, expect, it } from 'vitest';
import { checkedConfig } from '../../src/expect/checked-config.ts';
import type { FileDraft } from '../../src/import/terms/draft.ts';
import { fileText } from '../../src/import/text/file-text.ts';
import type { WantedAdmission } from '../../src/init/admission-answer.ts';
import {
  draftHosts,
  emptyDraft,
  judgmentOf,
  readHost,
  readServer,
  showsLogin,
  withLogin,
  withService,
} from '../../src/init/file-draft.ts';

const place = {
  owner: 'home',
  account: '0123456789abcdef0123456789abcdef',
  zones: ['example.dev'],
  tunnel: 'homelab',
};
const empty = emptyDraft(place);
const emails: WantedAdmission = { emails: ['me@example.dev'] };

const added = (draft: FileDraft, host: string, url: string, admission: WantedAdmission = emails) =>
  withService(draft, { host, origin: { tunnel: 'homelab', url }, admission });

/** The findings of `gates validate`. */
function findings(draft: FileDraft) {
  const read = checkedConfig(fileText(draft));
  return read.ok ? read.parsed.warnings : read.mistakes;
}

describe('a file from answers', () => {
  it('is valid with each gate', () => {
    const groups = { groups: ['admins'] };
    const login = withLogin(empty, {
      url: 'http://authentik.lan:9000',
      host: 'auth.example.dev',
      tunnel: 'homelab',
    });
    const one = added(login, 'grafana.example.dev', 'http://grafana.lan', groups);
    const two = added(one, 'proxmox.example.dev', 'http://proxmox.lan');
    const all = added(two, 'docs.example.dev', 'http://docs.lan', { everybody: true });
    expect(showsLogin(empty)).toBe(false);
    expect(showsLogin(all)).toBe(true);
    expect(draftHosts(all)).toEqual(
      ['auth', 'grafana', 'proxmox', 'docs'].map((name) => `${name}.example.dev`),
    );
    expect(findings(all)).toEqual([]);
    expect(fileText(all)).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=./gates.schema.json

      version: 1
      owner: home

      cloudflare:
        account: 0123456789abcdef0123456789abcdef
        zones: [example.dev]
        tunnels: { homelab: {} }

      authentik:
        url: http://authentik.lan:9000
        service: auth

      origins:
        auth: { tunnel: homelab, url: http://authentik.lan:9000 }
        grafana: { tunnel: homelab, url: http://grafana.lan }
        proxmox: { tunnel: homelab, url: http://proxmox.lan }
        docs: { tunnel: homelab, url: http://docs.lan }

      groups:
        admins: {}

      services:
        auth:
          host: auth.example.dev
          origin: auth
          gate: { identityProvider: {} }
        grafana:
          host: grafana.example.dev
          origin: grafana
          gate: { authentik: { mode: proxy, groups: [admins] } }
        proxmox:
          host: proxmox.example.dev
          origin: proxmox
          gate: { cloudflare: { emails: [me@example.dev] } }
        docs:
          host: docs.example.dev
          origin: docs
          gate: { public: { reason: open to everybody } }
      "
    `);
  });

  it('uses an origin twice, and asks Authentik at one that can do so', () => {
    const asking = { tunnel: 'homelab', url: 'http://traefik.lan', forwardAuth: true };
    const base = { ...empty, file: { ...empty.file, origins: { traefik: asking } } };
    const { file } = added(base, 'grafana.example.dev', 'http://traefik.lan', { groups: ['admins'] });
    expect(file.origins).toEqual({ traefik: asking });
    expect(file.services).toEqual({
      grafana: {
        host: 'grafana.example.dev',
        origin: 'traefik',
        gate: { authentik: { groups: ['admins'] } },
      },
    });
    expect(file.groups).toEqual({ admins: {} });
  });

  it('gives each entry a name of its own', () => {
    const zones = ['example.dev', 'example.org'];
    const one = added(emptyDraft({ ...place, zones }), 'docs.example.dev', 'http://one.lan');
    const { file } = added(one, 'docs.example.org', 'http://two.lan');
    expect(Object.keys(file.services ?? {})).toEqual(['docs', 'docs-example-org']);
    expect(Object.keys(file.origins ?? {})).toEqual(['docs', 'docs-example-org']);
  });

  it('has the judgment of `gates validate`', () => {
    expect(judgmentOf(added(empty, 'docs.example.dev', 'http://docs.lan'))).toEqual({
      wrong: undefined,
      warnings: [],
    });
    const shared = added(
      added(empty, 'one.example.dev', 'http://app.lan'),
      'two.example.dev',
      'http://app.lan',
      {
        everybody: true,
      },
    );
    expect(judgmentOf(shared)).toEqual({
      wrong: undefined,
      warnings: [expect.stringContaining('one and two have different gates')],
    });
  });
});

describe('the answer for a host', () => {
  it.each([
    { answer: 'Docs', host: 'docs.example.dev' },
    { answer: '@', host: 'example.dev' },
    { answer: 'docs.example.dev.', host: 'docs.example.dev' },
  ])('is completed by the only zone: $answer', ({ answer, host }) => {
    expect(readHost(answer, empty, place)).toEqual({ value: host });
  });

  it('is complete by itself if there are several zones', () => {
    const zones = ['example.dev', 'example.org'];
    expect(readHost('docs', empty, { ...place, zones })).toEqual({
      wrong: expect.stringContaining('"docs" is in none of the zones'),
    });
  });

  it.each([
    { answer: 'docs.example.org', wrong: 'in none of the zones' },
    { answer: 'https://docs.example.dev', wrong: 'expected a host name' },
    { answer: '*.example.dev', wrong: 'expected a host name' },
  ])('is wrong: $answer', ({ answer, wrong }) => {
    expect(readHost(answer, empty, place)).toEqual({ wrong: expect.stringContaining(wrong) });
  });

  it('is wrong if the file has the host already', () => {
    const draft = added(empty, 'docs.example.dev', 'http://docs.lan');
    expect(readHost('docs', draft, place)).toEqual({ wrong: 'The file has docs.example.dev already' });
  });

  it('comes with the warnings of `gates validate`', () => {
    expect(readHost('a.b.example.dev', empty, place)).toEqual({
      value: 'a.b.example.dev',
      remark: expect.stringContaining('Universal SSL'),
    });
  });
});

describe('the answer for a server', () => {
  it('is an origin', () => {
    expect(readServer('http://docs.lan:80', 'docs.example.dev', place)).toEqual({
      value: { tunnel: 'homelab', url: 'http://docs.lan:80' },
    });
  });

  it.each([
    { answer: '192.168.1.51:8006', wrong: 'write https://192.168.1.51:8006' },
    { answer: 'http://me:secret@docs.lan', wrong: 'without a user' },
    { answer: 'http://docs.lan/start', wrong: 'without a path' },
  ])('is wrong: $answer', ({ answer, wrong }) => {
    expect(readServer(answer, 'docs.example.dev', place)).toEqual({ wrong: expect.stringContaining(wrong) });
  });
});
