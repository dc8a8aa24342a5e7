import type { JsonWebKey } from 'node:crypto';

/**
 * Three RSA keys of 2,048 bits that every sandbox has: making one takes a quarter of a second of CPU at each start.
 * Everybody knows them, so nothing outside a sandbox may trust them.
 */
const keys: readonly JsonWebKey[] = [
  {
    n: [
      'qcKfgYQ6BavwSp59vdQKQHD00Vv9kQF66K-7OIc6i0n0ycJL6957IJewJD93lZI0gqBsFxRaaZo9x-JkoFF7MS5yWJ5VhpJr',
      'aKYxOCjKTE3rfcIVhB6mg6Hfc8GFVhlZZwkY9pY3n6kcZ0LCaTx2-tlHi-cdd074p3MHffYEiHbZ5VayFmdghVeH33AdSUCA',
      'SBijVLzlsomRanT7Id3iSxfGkJ87mVkHV2YLAzHD67XTvFM0Wb0JqfHWA5F219VYCn1CfR9wisSsP14phHdUgYkY9o9PUsFz',
      'RJMImY8h1kwgCzWJDtjE-5ZOZ8wTbl7Bu90Hro7spd94yCSconvKYQ',
    ].join(''),
    d: [
      'E7hNCSGQD-qaPkDNAIkqK7QzbEKQYRDX80G-sOFclqOfsPRGF38_tFiKmJtay-AxA1-ZTtEJc6z8MkUFRW5RrjPkCpFSBBDs',
      'MzrjCtAKN_TxPymVkERzOWVLbMn1MDw_m21-Hd7zVTOy3ffuV4UzmQ42dnUBgkOFNQZyv1odyrA7DS0_ocbKOVrJUOyTPdzy',
      'uJ5RJrgAsCDvOSnWZ1Ejxn-QfLZA1AFqYw3MHsPAKyUprHz6XfEFJrwwr2ySVAkHlG13nyhF_b7lJ1Pi3AGIdg2yPbIp2iiD',
      'hDvB_vY5XwTDwgm5wwH1GibU86mjLrgkEaLITRxOIgO3OA8YKYF89Q',
    ].join(''),
    p: [
      '5wdaa3Hj8b5WRIQfqQBOjo9gUfg2QzXlXvCiNZWaJ_LV31bQ-BfcKTqVclWbiguYdFNnvjYCNI-tA6pAZ0hKhipqCmihTYeh',
      'zX62kalbS8upaBzc237azaLQUg6dZ4KjEn28oeIk4TQ2FfzWVh0mNnZvMgZzbqN8WDlr0qhYV0c',
    ].join(''),
    q: [
      'vBvzCPhucxw_jQJGQoCxF6InuxUhm0CynHbC4XyK6Zo4uT-y-Wrh5xM5m1DQq-g1JyFoUn976ez-7mgR86ntW-XBo5jicLBz',
      'tkrKsXMOKgPIEzH8tyM2ylO8yXvn3TCEEjMifTnTmJX7ACTLedmiLC6z0FjlaY21Kx-1p31T9Rc',
    ].join(''),
    dp: [
      'EXMWu0LQ6rNrpKUuFv-070OZDNfokU8C0hbuyYlRKW9IBCR0iCiVMnAAVbBtnRGfJDogfddqdzna4Yn8b1CggF23wK2CcW6r',
      'I_BMLdhS0vjBBOIZNGLyd9GyVmBQNz9AvebNVpTUIEZnR2XfcoWlGzv6zhZ6pYKno6pCoJiig4U',
    ].join(''),
    dq: [
      'KcJ2qLYmJu3NeetYV6kkJ1_7PAAL7uBlBnEjAFXarNNs5ksq204MCnVtI3rEaHVrX11-QFpG0v6m9Zwq6BIAPJd77mqhUm0J',
      'sx1VdCFbsp4WS5ScSrfJkQ8X6Q7VwXfkyfmKHYy52bTp_PUuKsXSx8Yyav1hKJap8oHenOkou08',
    ].join(''),
    qi: [
      'erNW8porc81nU2YnrqaROYRco-FtiRl9rnnBAVyMwJdk171w8lFS4DxwciDuC0qSVMQKrJjrVDaXpuky6QH71t7z_zLMl-XL',
      'HcE6uAmdY_8qRqiLeuje9NUxBNdpjcWNM2n3z0nvLWuwUto6Rxdff-ErqP2WhUlXF-LGzRHLc48',
    ].join(''),
  },
  {
    n: [
      '0ajbsCFfw1FcK0eE7PoUxZqxUefk9ES6cWPcDq2JOBqvSZOk96RkZb_2HvRSvTL7qMavLVdm86NUUtAwmMRWg-25D6xAaHi_',
      'qFeq-cT2yjCn9xOPpFfBSVdbH4IYeavdxzNEcgle0I8qH7qIVbR4Fwfh1rbNlS6hqEbFTKt9jyve60aoeFkhMCxunjTdppOG',
      'QIoSy0RNd7tO743JzvBNfmNWvmIL7LkBnfD4rLmhoSNyo-BekvEEB0cKiBqYstUR8Kbn5JBjSPWEkicluMMyugjiSCPHnzVW',
      'y4U6cNh9FeDPT997T3whYHnOUnG7JHmVVPr6AFGzNscJtMR7np0VDQ',
    ].join(''),
    d: [
      'Wg0yFwuuqyDl-rzkTjj39QwFf42f3H8sqYlfuno1BwEHKw4cfDWC3eU-nHsKkrM0PoDgOxRgZuNPU6aSSPuDwXS42Q9-NqEu',
      'iOrmyBMegSe27TvcpZT_szWvMPBa_N-iCW5uxqBZtjDXwfsHlfBG6HV9PhEUajA2RSXolo7OBlDlgAFgz_efETmU5Gni_wGH',
      'M4ON7CX6XFdpdrUyC2_VGZeW8UKsg9RR2n1wmIfoROMMxKTGE9g1EVW3TV0MNN0ke0JZ_Jh_8iYke-7IPDMCqViaDh8XPaML',
      'Ak1BFVWKT0hvWXJPhYV_pT-JSzdW4JSjeB44nyMPaFP1vlerSDoPTQ',
    ].join(''),
    p: [
      '7cd-L6Ce2ezD1cSeDd1f4qdPH64IcUisSdIMzbwa7kDJObnE0tvxS_jTm6KqtAuRQYH2-I2I2u1No-wx2p4OjUEdrO_CZzVC',
      'vt3SrwJLGd8Sr66mX9VFP_pbIesoTcE3hJnk9vAZUtyRpRXUkzF7FTKISQbL4MkM4rYhxOv0XxM',
    ].join(''),
    q: [
      '4bm-Jse8UwYbI3MYtpYPDNbbR_M1j-WF3kDnECqk1s-NgOm3WnSxgPZl-QvDdHdR6lgOIjK2gERWk64x5vrREua2s0tvHYw5',
      '9vyS7EbsXv0SmJQKfAka-1lAZqgPQvnyROaLzSg4AbOBcXxE9QVcOkOXTteacXpmyGHaOHe7n18',
    ].join(''),
    dp: [
      'ZID_CDiXDDv0ZsXNnMSmg9H-MsDH1sJF-IntWYSZyXze0SSBWjMXIeqR3uX5y1JcWlkJv_NrFkZZm-D5DZPjSLduSKuq-x7b',
      'EHwIUmrgvZW5e0KSFk26EJnMrWCNT5hM1CKMUggYXBrZAPNiP7kZclNCocNap6-zX5xmV6r4Rrs',
    ].join(''),
    dq: [
      'juphYIBZ1l8pU5qN7Ry5TrHCiJ2OLhtuVLfXFD9Lus4Sk6pmcpkrwbFAAxzVlanubWdvG2vsbO3Xuw0xf0MSmNsGliKOqbCd',
      'CqoEBCEri0DEQ2KH-Nxy_u0Vf2mssAU8xS8LGMv8Geejb0z1BAVuzVz6MesEWBDdfsWlutbkLhU',
    ].join(''),
    qi: [
      'A_fmu9hnHaKP6tI-f7D_Yhw7DUQ2ahufvL2BU9dk1VyIUOZz2emcEOCHFJ49n4cFxMgPncbmGFy0TxWOPmbhIHz3gehj1aWb',
      '3P_vH2aM8DI6foe51UFMd7zAtVVJwG5-o0Bq6KB_qRnlh4vzrK1zlaYAWVW_DVMuW6kiSl0z_VE',
    ].join(''),
  },
  {
    n: [
      'u-id-xzmx4pgtb2PmaVO6eQiOIifeyywniC2ErJeRFk5u_vnvv3kMtUdkXkVo8hpw6VoPH_uQxOvE4R3UGYC1DTgOMNP4ceY',
      'emH_91Mp8YupHyWXypz16xFiuDQhXFGBnFB75TvnMqbOfLe7VzSfhC86x45RN468limXGbMHdwwvEBeecsfG-eW_-_RmG-zw',
      'yC2exUXXdd1M5USvJG-KVrkMZLKg3FAQLL4MFXD8wp_7R2n7YDXyE5WcKXxMOeK0yRVoSO3SK0MyGt7CYdZWr1Jn3Lf6INHP',
      'KdU7JsLAE89ldPoJMI_2po1y1X0omV80pE3rjdh9yPPPsG0TfrbFLQ',
    ].join(''),
    d: [
      'BDN2hkhy8BCBLdb_SmoBIWaxRmPKcvxyYExuwTPdng1nLY_tVdAms6yRIU2qr5p2I4m1Z_ZqIIIPSjlxvVQb2z--03Upukjd',
      'R02dFz9630ZX7BUYGvod_CcoC_CdwcPQZWsBjvzqR3cX2XDoBXYCTmnvWGa9nJkeCaGEBLYY61KKQCS0HWcFnlNwQAhV57m8',
      '4Inj7f0CZZziPuiQfkAdFi6eIHXeLbw2Y619JwWOb9yx1qOmc7ZfIiwc7AMQVAacoobimTLyHLRXdLwzb8VfNn6Bn8rXqoC4',
      'dGynd6bI5On6eWuD_8WQURR8bZkhqMp31rbKj9ICti6irAPYe3Xh0Q',
    ].join(''),
    p: [
      '8gYNfveKLUMqJpRsgXfALHA1wuhxVziZTRfpmThjBhqoazFx5SX8H5AJwavo4eJXogesVsDjVzzFbaMPUimoh33IohhKEv-_',
      'n80OiQrk3PnsEY8z2IVt4pJ4Z-WdsizIVQmdEuR05njT_lNWCSJToTNVjvNxREp6w4zhvYNLHJE',
    ].join(''),
    q: [
      'xsKOv8xiXuS31tLn9PAa3AwzC9SDK0UJC8NfJAxuZfxBk0CopMHarmhCwHajWCn6LK9z1jB-PTrHRh_i77rALdysgRBBUxau',
      'hRqd9PXyyyMosELORgjBmzHOdhCtwrGv7BchSibjjy9scMzf2F8_ERtGqAsrA1rqLO-RDbhrXN0',
    ].join(''),
    dp: [
      'jbZplJyRNeuL9McXub9KsTqK4DOGmhG0AeYsi-DuapaVYx6ymABj3n9Slyp31DvaIC_qA2oyM9SLraS6xdtKqPtHzVH3naRO',
      'qd1B05CjbZiRV77IFtIaA37MLdnPOpLqQpC8fmFy6bh6OQLG79Y_rbYHNQrqmZgaxgHp9DO6eWE',
    ].join(''),
    dq: [
      'raFamJyQNrtxCb52mZeCr0YM9cGw0ITfUSJcI56kdn02P8_VQxCB26gC4CUDrsoE3TJsa-ky7oRBfrXuRmQK7EWBgMHVfyMq',
      'U-abpFmSvvg43DmP_sg5cTzCUothb9pPh1vxXdi5I-VWwveGeHtEGcqNH9GZwrWSKq0hNy4qxBU',
    ].join(''),
    qi: [
      'jMvGC1gfCML1fxG6sXjRLWFeB0kSMtAYMKzhcStEh_J9cDkwNrwwyq7Yp0-_ibpE7G-1nMhGdHO60enyleT-ZTkx0VOXFxiM',
      'lAXj8ewh3ZTsUyvwPmBM7y9lIJx8bmQarlgkugYb7z3KAC-mgkgmbOgvn8vyAPbWFoMR4nWaAgY',
    ].join(''),
  },
].map((numbers) => ({ kty: 'RSA', e: 'AQAB', ...numbers }));

/** The first is the first key pair of Authentik; the others sign for the Access team. */
export function fixedKey(number: 0 | 1 | 2): JsonWebKey {
  return keys[number] as JsonWebKey;
}
