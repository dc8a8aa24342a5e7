/** True if an IPv4 address lies in `range` (an address or CIDR); IPv6 ranges never hold one. */
export function addressInside(address: string, range: string): boolean {
  const [network = '', bits = '32'] = range.split('/');
  const addressNumber = ipv4Number(address);
  const right = ipv4Number(network);
  if (addressNumber === null || right === null) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(addressNumber / size) === Math.floor(right / size);
}

function ipv4Number(address: string): number | null {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255))
    return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
