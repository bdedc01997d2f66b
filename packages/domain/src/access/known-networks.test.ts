import { expect, test } from 'vitest';
import { networkOf } from './known-networks.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1'],
  ['2001:db8:0:1::', '2001:db8:0:1'],
  ['2001:0DB8:0000:0001:ffff::9', '2001:db8:0:1'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['1:2:3::4:5:6:7', '1:2:3:0'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
