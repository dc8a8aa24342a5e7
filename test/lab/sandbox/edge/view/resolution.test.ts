import { describe, expect, it } from 'vitest';
import { viewOf } from '../../../../../src/lab/sandbox/edge/view/view.ts';
import { addRecord, newWorld, setIngress, visit } from '../scene.ts';

describe('a host resolves', () => {
  const world = newWorld();
  setIngress(world, [{ service: 'http://app.lan' }]);
  addRecord(world, { name: 'app.example.dev' });
  addRecord(world, { name: '*.wild.example.dev' });
  addRecord(world, { name: 'own.wild.example.dev', type: 'A', content: '198.51.100.1', proxied: false });
  addRecord(world, { name: 'mail.wild.example.dev', type: 'TXT', content: '"v=spf1"', proxied: false });
  addRecord(world, { name: 'deep.ent.wild.example.dev', type: 'TXT', content: '"x"', proxied: false });
  addRecord(world, { name: 'grey.example.dev', proxied: false });
  addRecord(world, { name: 'alias.example.dev', content: 'app.example.dev', proxied: false });
  addRecord(world, { name: 'loop.example.dev', content: 'loop.example.dev' });
  addRecord(world, { name: 'sub.example.dev', type: 'NS', content: 'ns.example.net', proxied: false });
  addRecord(world, { name: 'x.sub.example.dev' });
  addRecord(world, { name: 'direct.example.dev', type: 'A', content: '198.51.100.7' });
  addRecord(world, { name: 'out.example.dev', content: 'pages.example.net', proxied: false });

  it.each([
    { host: 'app.example.dev', kind: 'tunnel', because: 'its own CNAME leads to the tunnel' },
    { host: 'nothing.example.dev', kind: 'unresolved', because: 'no record has this name' },
    { host: 'app.example.net', kind: 'unresolved', because: 'the zone is not ours' },
    { host: 'any.wild.example.dev', kind: 'tunnel', because: 'the wildcard answers for it' },
    { host: 'a.b.wild.example.dev', kind: 'tunnel', because: 'a wildcard covers more than one label' },
    { host: 'wild.example.dev', kind: 'unresolved', because: 'a wildcard does not cover its own parent' },
    { host: 'own.wild.example.dev', kind: 'address', because: 'an own record beats the wildcard' },
    { host: 'mail.wild.example.dev', kind: 'unresolved', because: 'a TXT of its own hides the wildcard' },
    { host: 'ent.wild.example.dev', kind: 'unresolved', because: 'a name with names below it exists' },
    { host: 'z.ent.wild.example.dev', kind: 'unresolved', because: 'the closest encloser has no wildcard' },
    { host: 'grey.example.dev', kind: 'unresolved', because: 'a tunnel has no address without the edge' },
    { host: 'alias.example.dev', kind: 'tunnel', because: 'an alias of a proxied name reaches the edge' },
    { host: 'loop.example.dev', kind: 'unresolved', because: 'a chain must end' },
    {
      host: 'x.sub.example.dev',
      kind: 'unresolved',
      because: 'other name servers answer below an NS record',
    },
    { host: 'direct.example.dev', kind: 'address', because: 'an A record leads to an address' },
    { host: 'out.example.dev', kind: 'address', because: 'a CNAME may lead out of the zones' },
  ])('$host: $kind, because $because', ({ host, kind }) => {
    expect(viewOf(world).resolve(host).kind).toBe(kind);
  });

  it('not at all while its zone is pending', () => {
    const pending = newWorld();
    addRecord(pending, { name: 'app.example.dev' });
    for (const zone of pending.zones) zone.status = 'pending';
    expect(viewOf(pending).resolve('app.example.dev').kind).toBe('unresolved');
  });

  it('to an answer that no origin can imitate', async () => {
    const seen = await visit(world, 'https://nothing.example.dev/');
    expect(seen).toMatchObject({ status: 502, servedBy: 'edge' });
    expect(seen.headers.get('x-sandbox-error')).toBe('does-not-resolve');
  });

  it('past the edge when the record is not proxied: no cf-ray, and the origin answers', async () => {
    const seen = await visit(world, 'https://own.wild.example.dev/');
    expect(seen).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(seen.headers.has('cf-ray')).toBe(false);
    expect((await visit(world, 'https://direct.example.dev/')).headers.has('cf-ray')).toBe(true);
  });
});
