import { describe, expect, it } from 'vitest';
import { doorAt } from '../../../src/desired/terms/doors.ts';
import { compiled } from './compiled-service.ts';

describe('a request comes to', () => {
  const guarded = () =>
    compiled('people', {
      '/public/**': 'open',
      '/public/keys/**': 'machine',
      '/health': 'open',
    });
  const open = () => compiled('open', { '/admin/**': 'people', '/admin/health': 'open' });
  const shut = () => compiled('people', { '/public/**': 'open' });
  const asked = () => compiled('login', { '/public/**': 'open', '/health': 'open' });

  it.each([
    { of: shut, raw: '/', door: '', because: 'nothing else is said of it' },
    { of: shut, raw: '/public/a', door: '/public', because: 'it is below' },
    { of: shut, raw: '/public/../admin', door: '', because: 'what is not plain is the host’s' },
    { of: shut, raw: '/public/%2e%2e/admin', door: '', because: 'encoded dots are dots' },
    { of: shut, raw: '/public/%252e%252e/admin', door: '', because: 'somebody may decode twice' },
    { of: shut, raw: '/public/..;/admin', door: '', because: 'somebody may drop parameters' },
    { of: shut, raw: '/public%2Fa', door: '', because: 'the edge sees no path below /public' },
    { of: shut, raw: '/public/a%2Fb', door: '/public', because: 'both readings are below' },
    { of: shut, raw: '/Public/a', door: '', because: 'an open path is open as it is written' },
    { of: shut, raw: '/%zz', door: 'refused', because: 'the tunnel cannot read it' },
    { of: guarded, raw: '/health', door: '/health', because: 'it is the path' },
    { of: guarded, raw: '/health/', door: '', because: 'exact means exact' },
    { of: guarded, raw: '/public/keys', door: '/public/keys', because: 'the longest wins' },
    { of: guarded, raw: '/public/Keys/1', door: '/public/keys', because: 'a guarded path has any case' },
    { of: guarded, raw: '/public/keys%2F1', door: 'refused', because: 'the readings differ, one is guarded' },
    { of: guarded, raw: '/public//keys', door: 'refused', because: 'the origin may merge the slashes' },
    { of: asked, raw: '/public%2Fa', door: '/public', because: 'the outpost decodes as the tunnel does' },
    {
      of: () => compiled('proxy', { '/public/**': 'open' }),
      raw: '/public%2Fa',
      door: '/public',
      because: 'so it does where it forwards the request itself',
    },
    {
      of: () => compiled('domain', { '/public/**': 'open' }),
      raw: '/public%2Fa',
      door: '',
      because: 'the outpost of a domain sees what was sent',
    },
    { of: asked, raw: '/health/', door: '', because: 'exact means exact' },
    { of: asked, raw: '/public/%2e%2e/admin', door: '', because: 'what is not plain is the host’s' },
    { of: asked, raw: '/public//a', door: '', because: 'what is not plain is asked for' },
    { of: asked, raw: '/Public/a', door: '', because: 'an open path is open as it is written' },
    { of: open, raw: '/docs', door: '', because: 'nothing else is said of it' },
    { of: open, raw: '/ADMIN/', door: '/admin', because: 'a guarded path has any case' },
    { of: open, raw: '/admin/health', door: '/admin/health', because: 'the longest wins' },
    { of: open, raw: '/docs/..%2Fadmin', door: 'refused', because: 'the origin may find /admin there' },
  ])('$raw: “$door”, because $because', ({ of, raw, door }) => {
    const found = doorAt(of().service, raw);
    expect(found === 'refused' ? found : (found.path?.prefix ?? '')).toBe(door);
  });
});
