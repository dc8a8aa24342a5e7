import type { JsonWebKey } from 'node:crypto';

/**
 * Primes of 1,024 bits. Any two of them make an RSA key of 2,048 bits; with new primes, a key takes a quarter of a second of CPU.
 * Everybody knows them, so nothing outside a sandbox may trust these keys.
 */
const primes = [
  '0B63BCOoOx-v29GTAKiBS2sK2uLlwPH5wCFsj14zEQDuP0D-4QYXqmiYD0lcDbV704E8hjkHu7dlgjBAOFS0R4rbrqe2t2cTV5LC' +
    'HhZ4JyYRghylQ9l8tsMexwgBz8pkM-J9XTvBSnmBbUCA8BL7fmDTORYBpfj5AM7lLvuoRsU',
  '8JYDwJzfWwGR3TbLhu1jzMcMmt2ecEEYNHTJjpVrmi_Hir5q3LX7diPxCM2hQipocfwGdjWr7nqcLX6jhMRIRTqV92CJM61g895q' +
    'l1PKmWpVIjkvoyBOQt6Kau6Ewpuz4DejU5f1dJ0zCnw0mQVZDrgDL9gns4GfzuqsK5zovY0',
  '76MAtKc27aCML2J25a14HguWshRhJxwc21Y8zOPcn1nlWYThBc6AZt4XzVRmNvkTh3UVUTm5WPXIKNgYLBQQsk-ksIJ1DmjCsN17' +
    'Aohw7h7n1cl0Bg4_ff6DvgNpJopgS5zP9FtWqFYavBgHK9gPOGGIYJeuS6qa4G7ZQnVkH-E',
  '2D4PLbSXreJwVCnJwCxw9tkrmbjVckajtNsfIZ8TL2A4VfMY8fWCfP9yQmq-Ndz50xaRwiiCwYbtXu9xggj2l5oyndJ_bKMkdZk8' +
    'Ua-vlQM9T9X6i5RLt2UNHd7a3njoLGIxscNprh6sG9dwz0aYtHS6hAb77ojGWcobsSTq6rE',
  '3HHeji0DStSIgQ8Rwoq7OhNwLlo3OEbyY8QzONUpXTrqfvwyUPsvduIO0Kx3935yGy2-4qPnhLmenoUucEc6KkJ7j6mwsrtDFm4O' +
    'DHqjRz-Y6motRlF_uuDmf5zGyFgJoJm4FkbAYwflbtJsKDcFhvQtTPvobGK5JBmDckwhtCU',
  '_2u7YW2kgOmehRfpk7EiT2Jv6AO4_EDOXiEuA0IwbJitHa8FYmwUnDl7BhkJed-ylZKDtpornRQj1uNlOdI-os4LWci38viO6Fhz' +
    'iLL298RkRNYgFBoec6poWSrA7KzbZHgUv-_g8DJm5tsBLNFPTTUHvYrPGupuw-7x8_WtpkU',
  '_8AXhP32tpXoEqnea3xBNZiaYwhjOcEqNBkDLKEvMeJwc3uNhwfimOnN6SBxPWsVFEN8pgzwCh88dQ2uD5HyJA77j8HKBjyCZ7ig' +
    'GLFNkNR9rL-_kWJv-AejqqxdWqAj-uwnpRM9BEuuT3DGhgzEd7WyMMru7Rrhx7BC8ur9rn0',
  '9LnYApaAEv23-7Yf1Zbs57rcrcuaJrLmdgVMB9lc7P3x17KF5WWY7uK0Mcgn97EZFqDLpc49I6vV1KrKCkojBlbN5Ag-N0Lo7_fl' +
    '-p5Gj_z9xxLQfQrjtUnIlYdi3kTjC1hNqLlAkBQKvEVA-dH8LhOYw05AktEIciAvUo6TO6E',
  '4EN4Oa1PXHmV_jVHWL8qxctdDurMpdhHMWu7S6IEw-UYkDeSHd_KOKNmN_hmnW0DW242Llei_Yt3pU49OkL0dRQXOdnU1pR4v0O5' +
    'Lga4zmZSbvM_ObHG_5Tt0iuuX3LBg6yvGJFHMnU_Ya8xKGnEHiPCy1an0QrLTRWm3D6Z9vk',
  '3nOyu_FuxYMrJ7ZErm4ebjrZHyqz4hQjvxW8ETwO3mGKH0J24IlMJ7G1ZNLPCkEkK3xxX7vAyFocN_1SUXy8JsCEBGyZVYJl71dL' +
    'orGFHnNfzutCjHj88010C33YDyxr2ZDNv6zO4NIl43vHSSss-YQLBuwEgegDTFap-X_aGRs',
  '3LmdJZwmuHTCsda07vHxC5dJsMUP1YZh36YYoe56uAc47wi8zbKb8LOKjf-K758Ht_M95jaoOgiRh8JVszw7C0SQ4oq90perJbJD' +
    '2nVvQNmgLGwO_9MUQsj5JJdT0vSCeUZC7jRwODgR76N81LS-jbw3CHsE9ZfgT__42Xkjtm0',
  '8AeC_KcPE89qn26mMoV3HHa20JOe9QIImrMkQ4vea7WaodUXBcWDKjacisCOt-Se5CNmXWPHXtHJhHr_UtBPCzewKkeh9_kkgX4C' +
    'ewCHxgFy75QGePruMNAdN43eY7lSbNx1cPweQW41JVVQZ60eZpAORbP_2GPyCgcEoUeQ2YM',
  '4PxM_6q9eNL-teEdtCuxR8sFP-7fRijsyR1mH7mkwt3rCdmbraXjekQGS2Ud3WWzmVFNLC_SH09bjUm5KfveFz91u76fiICF1G8D' +
    '5kuu_T0t6rqjD2udj_HEvWjMXt_gTqMEabNXYtOUo4xXpLit9NvAlIFEpzDVzCVbdP46fu8',
  '0GED-fdoJg4dwTCYHDhlsppLym4G07eDZu5YV8mMzhGkEMkSm5QV8XXjqog3R3XdcFjGK51MFlAFJPZM5q7PeGrl3y9MquB4MKH8' +
    '0_8fU5BVKVKGgN5WDpFagurCad-sv3pbQaT87gbJXDrWCxR3jZCOR8GJdGFk2Tyzyy6AlwE',
  '57XjmQ3O7GbI7BLvcGyfs92naiJ8FdD3yERPo49i568_g8g9UGUySJA7JB1-4MZ2l_Z4Zsdmj0GFStZPL25Eo3HztbaUW1EarTq8' +
    'gqFh_oIJ6Gl4Zkuj72F5fm_FGxItArYCsKQQTtIdrigs9PIiqcg_kTnaOtPppbv0sE6hyjE',
  '2LmsxVBvNH_QxjcNemIfhq4rDwngrBNBbt-v32QKL4AAaaqSsDIRA9V0NAzlztuXqQp0x_1_CieSJGKzA00VCqJjKxwCeDIcCPoG' +
    'aeXFnhgRg_BIe-uOgRZXv-y91SRuEslhP-un7-HJs6yPAh4MIoaF41d96v1NU0G9h_KlFuc',
  'xvLJbxqc7Lrle7o1JyFd-INfDZ9yCfosfBeWCVWdR6CAvT245aFgrMjvJzG_gDokyfdW8rxv0KbTy5WOixqPsY4-Uo96PQXmpFwX' +
    'GlsJb7CdqGqmxSorFIZsJCn5BJfQ2kggEg1aaAY4NVLDyRyAww53b6IfPh2rr4gQzZcugV0',
  '49Rns0VKbgU5tej3DaL4P3rorJGM3RCv1tgiRxmANgiqzli64pUweNEOt0ynI5FBfSNmvnHWHl6SLnYfb9Ow03DtXev9EIa7E2OM' +
    '8pS444Emo6zT1Xv2qpZXLXUdxTkuAPuZvC1_4Wly0N0xc-9ha42JLPd87Jvu_Taxueb5XH8',
  '7fWXdwlrQP3f8Qch949HzqJ_j9DB5Ghf1RVNu02UTFEkpR7azNREKqIMC8CTt6o75dOnFOmQmK9EDzZsvH6O2I23E2kvC7Bz6pQO' +
    'hT3pdtcsIE3ZlYSOZbOQ6bOLRppqjugTcXhQuNMRjS4V6ZfSJaNYs63UtASl4ygN_cwbDt0',
  '4MLbPiYA1j45jf2QrPlBiEVr8mA0xnRZskJXOamc9LCTGy4OV2tc3WH74Ryzx-c04w897o2NdZbCcoo1Qv5Bcm0S-Oi9mrD_YnJU' +
    '9ZLqDicrHPOLANHMJzk9D-Jbz5_x2U-s1RIHL9ik8aFVIvz0ajXOfdK8jVxMsy9kfas2ghM',
  'xcIeJeuLmwRHwmMbZOwgBz_3N1xLCEJdxijV1j8ruHBwpWyBuYWsCzB3IbfCzf4x2HlQFU2ejQQIho9HmY1keyzmaOGaKxwml4bS' +
    '-hIZ5EnfGPhimRICrjHw-GQZiVNyA6pMf1YQfopC1xindpAcqgwx4GzGEP8zXy2M1U37ZjE',
  'w0jUI32w1ucM-rOVRqlAji1M63R_D3kTqkxWwTQsbADP-_bkfgH3im6XuTJ15NVuBUgQGN_xtlRRDQA3yen26IfP6T_7PMglReVp' +
    'LipQmLqtiC9aST0lKMOZmMsSKf-Y-TbdD4YzWpr9PD4BJL2dj1c69Td1xgEkkCv8Ry6M8EU',
  '1Wj4C9F79pWmdwrGuoYbmETgGb4ze4MDO6hV7rmuViH8cfxnMHneRMdeI7VlQBcChtqzGniSSuPcaqg8enVHQRsvRr6MB4F30er7' +
    'Y0cyKSUEGdobN0qGjo2fS0tV3DkPSfDY-Kyzysd9DKMjurRfPX7oFyeVqZu8aZoG9tMeecs',
  '_XdJVhUwj7qsu0XgmS_z8aznhzezV5tmLlfL7lIMu8woejrGicpiNMt1Nrb6qFshcUmkelyMK6xcaq4x8lXV5zJ-LSILdviGQixw' +
    'c0deMdoXrrTLT9U-8G0T2TL0oTKZo_RORBUlqDzGIx8zj1w9yLl_G7o2j3P00aVdbDYMCxk',
].map((prime) => BigInt(`0x${Buffer.from(prime, 'base64url').toString('hex')}`));

/** The number of fixed keys. */
export const fixedKeyCount = (primes.length * (primes.length - 1)) / 2;

const exponent = 65_537n;

/**
 * A private RSA key, the same in every sandbox; `number` is below `fixedKeyCount`. Numbers 0 and 1 sign for the Access team, and number 2
 * for nobody. The others are the key pairs of Authentik.
 */
export function fixedKey(number: number): JsonWebKey {
  const second = Math.floor((1 + Math.sqrt(1 + 8 * number)) / 2);
  const [p, q] = [primes[second], primes[number - (second * (second - 1)) / 2]];
  if (p === undefined || q === undefined) throw new RangeError(`There is no fixed key ${number}`);
  const d = inverse(exponent, (p - 1n) * (q - 1n));
  const parts = { n: p * q, e: exponent, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const texts = Object.entries(parts).map(([name, value]) => [name, base64url(value)]);
  return { kty: 'RSA', ...Object.fromEntries(texts) };
}

/** The inverse of a number by a modulus to which it is prime (extended Euclidean algorithm). */
function inverse(of: bigint, modulus: bigint): bigint {
  let [remainder, next] = [modulus, of];
  let [factor, nextFactor] = [0n, 1n];
  while (next > 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return ((factor % modulus) + modulus) % modulus;
}

function base64url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
}
