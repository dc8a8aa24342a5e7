import { expect, it } from 'vitest';
import { compiled, ExpressionError } from '../../../../src/lab/sandbox/expressions/expression.ts';
import type { Asked, Dialect } from '../../../../src/lab/sandbox/expressions/fields.ts';
import type { JsonObject } from '../../../../src/lab/sandbox/state/json.ts';

const CLAIMS: JsonObject = {
  aud: ['api', 'other'],
  iss: 'https://auth.example.dev/',
  sub: 'jo',
  iat: 100,
  roles: { first: 'x' },
};

function inputOf(more: Partial<Asked> = {}, claims: JsonObject | null = CLAIMS): Asked {
  return {
    method: 'GET',
    host: 'api.example.dev',
    path: '/v1/items',
    rawPath: '/v1//items',
    query: '?a=1&a=2',
    headers: [
      ['x-auth', 'one'],
      ['x-auth', 'two'],
      ['cookie', 'a=1; Session=s=2'],
    ],
    ip: '203.0.113.7',
    country: 'FR',
    time: 1000,
    fallthrough: () => false,
    token: (id) => ({ present: id === 'c1', claims: id === 'c1' ? claims : null }),
    claims: () => new Map(claims === null ? [] : [['c1', claims]]),
    ...more,
  };
}

const WITH_TOKEN: readonly [text: string, holds: boolean, because: string][] = [
  ['http.host eq "api.example.dev"', true, 'a field is compared'],
  ['http.host == "API.example.dev"', false, 'text is compared with its case'],
  ['not http.host eq "x" and http.request.method in {"GET" "POST"}', true, 'not binds tighter than and'],
  ['http.host eq "x" and ssl or ssl', true, 'and binds tighter than or'],
  ['ssl xor ssl or ssl', true, 'xor binds tighter than or'],
  ['ssl or ssl and not ssl xor ssl', true, 'and, xor, or from tight to loose'],
  ['(ssl or ssl) xor ssl', false, 'parentheses come first'],
  ['true', true, 'a rule for every request, as Terraform writes it'],
  ['ssl and not true or false', false, 'constants stand where fields do'],
  ['!ssl || ssl && ssl ^^ not ssl', true, 'signs mean what words mean'],
  ['http.request.uri.path eq "/v1/items"', true, 'the path is the normalized one'],
  ['raw.http.request.uri.path eq "/v1//items"', true, 'the raw path is as it was sent'],
  ['http.request.uri eq "/v1/items?a=1&a=2"', true, 'the URI has the query'],
  ['http.request.uri.path contains "v1"', true, 'contains looks inside'],
  ['http.request.uri.path wildcard "/V1/*"', true, 'a wildcard does not look at case'],
  ['http.request.uri.path strict wildcard "/V1/*"', false, 'a strict one does'],
  ['http.request.uri.path wildcard "/v1"', false, 'a wildcard is about the whole text'],
  ['http.request.uri.path matches r"^/v\\d+/"', true, 'a raw string keeps its backslashes'],
  [
    'starts_with(http.request.uri.path, "/v1/") and ends_with(lower(http.host), ".dev")',
    true,
    'functions nest',
  ],
  ['http.request.headers["x-auth"][0] eq "one"', true, 'the first value of a header'],
  ['http.request.headers["x-auth"][1] eq "two"', true, 'the second'],
  ['any(http.request.headers["x-auth"][*] eq "two")', true, 'any of the values'],
  ['all(http.request.headers["x-auth"][*] eq "two")', false, 'all of them'],
  ['any(upper(http.request.headers["x-auth"][*])[*] eq "TWO")', true, 'a function of each gives a list'],
  ['any(starts_with(http.request.headers["x-auth"][*], "tw"))', true, 'a truth of each too'],
  ['any(http.request.headers.names[*] eq "cookie")', true, 'names are a list'],
  ['http.request.cookies["Session"][0] eq "s=2"', true, 'a cookie may have an equals sign in it'],
  ['any(http.request.uri.args["a"][*] eq "2")', true, 'arguments of the query'],
  ['has_key(http.request.headers, "x-auth")', true, 'a header is there'],
  ['has_value(http.request.headers["x-auth"], "two")', true, 'a list has a value'],
  ['ip.src in {10.0.0.0/8 203.0.113.0/24}', true, 'an address in a range'],
  ['ip.src eq 203.0.113.8', false, 'another address'],
  ['http.request.timestamp.sec in {1..10 900..1000}', true, 'a range of integers'],
  ['len(http.host) ge 15 and len(http.host) lt 16', true, 'integers are ordered'],
  ['http.request.headers["x-none"][0] eq ""', false, 'nothing equals a missing value'],
  ['http.request.headers["x-none"][0] ne "one"', false, 'and nothing differs from it'],
  ['not http.request.headers["x-none"][0] eq "one"', true, 'the negation of a comparison that is false'],
  ['not any(http.request.headers["x-none"][*] eq "one")', true, 'none of no values'],
  ['all(http.request.headers["x-none"][*] eq "one")', false, 'a function of a missing value gives one'],
  ['lower(http.request.headers["x-none"][0]) ne "one"', false, 'so does a transformation'],
  ['http.request.headers["x-auth"][7] ne "one"', false, 'an index beyond the end is missing'],
  ['any(http.request.jwt.claims.aud["c1"][*] eq "api")', true, 'an audience of the list'],
  ['http.request.jwt.claims.aud["c1"][1] eq "other"', true, 'the second audience'],
  ['http.request.jwt.claims.iat.sec["c1"][0] eq 100', true, 'a time is an integer'],
  ['any(http.request.jwt.claims.iss.names[*] eq "c1")', true, 'which configurations found it'],
  ['any(http.request.jwt.claims.sub.values[*] eq "jo")', true, 'all values'],
  ['lookup_json_string(http.request.jwt.claims["c1"][0], "sub") eq "jo"', true, 'a claim by its name'],
  [
    'lookup_json_string(http.request.jwt.claims["c1"][0], "roles", "first") eq "x"',
    true,
    'a claim inside a claim',
  ],
  ['lookup_json_string(http.request.jwt.claims["c1"][0], "aud", 1) eq "other"', true, 'an item of a list'],
  ['lookup_json_string(http.request.jwt.claims["c1"][0], "aud") eq "api"', false, 'a list is no text'],
  ['lookup_json_integer(http.request.jwt.claims["c1"][0], "iat") eq 100', true, 'a number'],
  ['any(http.request.jwt.claims.aud["c2"][*] eq "api")', false, 'a configuration that found nothing'],
];

it.each(WITH_TOKEN)('%s is %s: %s', (text, holds) => {
  expect(compiled(text, 'waf').holds(inputOf())).toBe(holds);
});

const WITHOUT_TOKEN: readonly [text: string, dialect: Dialect, holds: boolean][] = [
  ['not any(http.request.jwt.claims.aud["c1"][*] eq "api")', 'waf', true],
  ['any(http.request.jwt.claims.aud["c1"][*] ne "api")', 'waf', false],
  ['http.request.jwt.claims.aud["c1"][0] ne "api"', 'waf', false],
  ['lookup_json_string(http.request.jwt.claims["c1"][0], "aud") ne "api"', 'waf', false],
  ['is_jwt_valid("c1")', 'token-rule', false],
  ['is_jwt_valid("c1") or not is_jwt_present("c2")', 'token-rule', true],
  ['is_jwt_present("c1") and http.request.method eq "GET"', 'token-rule', true],
];

it.each(WITHOUT_TOKEN)('without a valid token, %s (%s) is %s', (text, dialect, holds) => {
  expect(compiled(text, dialect).holds(inputOf({}, null))).toBe(holds);
});

it('an expression lists the fields that it depends on', () => {
  const { fields, operators, configurations } = compiled(
    'http.request.cookies["a"][0] matches "x" or any(http.request.jwt.claims.aud["c9"][*] in {"a"})',
    'waf',
  );
  expect([...fields]).toEqual(['http.request.cookies', 'http.request.jwt.claims.aud']);
  expect([...operators]).toEqual(['matches', 'in']);
  expect([...configurations]).toEqual(['c9']);
  expect([...compiled('is_jwt_valid("c7")', 'token-rule').configurations]).toEqual(['c7']);
});

const WRONG: readonly [text: string, dialect: Dialect, says: RegExp][] = [
  ['', 'waf', /expected a field/],
  ['http.hosts eq "x"', 'waf', /1:1.*unknown identifier http.hosts/],
  ['uper(http.host) eq "x"', 'waf', /unknown function uper/],
  ['http.host eq', 'waf', /expected a string/],
  ['http.host eq 5', 'waf', /expected a string/],
  ['http.host eq x', 'waf', /expected a string/],
  ['http.host', 'waf', /expected a comparison/],
  ['http.host eq "x" and', 'waf', /expected a field/],
  ['http.host eq "x" http.host', 'waf', /unexpected "http.host"/],
  ['(ssl', 'waf', /expected \)/],
  ['ssl eq true', 'waf', /does not compare a boolean/],
  ['http.host lt "x"', 'waf', /does not compare a string/],
  ['http.host in {}', 'waf', /an empty set/],
  ['http.host in {"a", "b"}', 'waf', /expected a string/],
  ['ip.src eq 10.0.0.0/8', 'waf', /expected an address/],
  ['http.request.headers["a"] eq "x"', 'waf', /does not compare a list/],
  ['http.request.headers[0][0] eq "x"', 'waf', /has no item/],
  ['http.host[0] eq "x"', 'waf', /has no item/],
  ['http.request.headers["a"][*] eq "x"', 'waf', /needs any\(\) or all\(\)/],
  ['ssl and http.request.headers["a"][*] eq "x"', 'waf', /needs any\(\) or all\(\)/],
  ['any(http.host eq "x")', 'waf', /expected/],
  ['lower(http.host, "x") eq "x"', 'waf', /takes 1 arguments/],
  ['starts_with(http.host) ', 'waf', /takes 2 arguments/],
  ['http.host matches "("', 'waf', /invalid regular expression/],
  ['http.host wildcard "**"', 'waf', /two wildcards/],
  ['http.host eq "a\\q"', 'waf', /invalid escape/],
  ['http.host eq "a', 'waf', /unexpected/],
  ['is_jwt_valid("c1")', 'waf', /is_jwt_valid cannot be used here/],
  ['any(http.request.jwt.claims.aud["c1"][*] eq "x")', 'token-rule', /cannot be used here/],
  [`http.host eq "${'x'.repeat(4096)}"`, 'waf', /more than 4096/],
];

it.each(WRONG)('%s is rejected (%s)', (text, dialect, says) => {
  expect(() => compiled(text, dialect)).toThrow(says);
  expect(() => compiled(text, dialect)).toThrow(ExpressionError);
});
