import { describe, expect, it } from 'vitest';
import {
  chromeControl,
  DEAD_SETTING,
  firefoxControl,
  isLeftOver,
  MENDED_SETTING,
} from '../../../src/platform/proxy-control.ts';

const OURS = 'controlled_by_this_extension';
const FREE = 'controllable_by_this_extension';

describe('who holds the proxy', () => {
  it.each([
    [OURS, { mode: 'pac_script' }, 'ours'],
    [FREE, { mode: 'system' }, 'free'],
    [FREE, { mode: 'direct' }, 'free'],
    [FREE, { mode: 'fixed_servers' }, 'user'],
    [FREE, { mode: 'pac_script' }, 'user'],
    ['controlled_by_other_extensions', { mode: 'fixed_servers' }, 'other-extension'],
    ['not_controllable', { mode: 'direct' }, 'managed'],
  ] as const)('on Chrome: %s, %j is %s', (levelOfControl, value, holder) => {
    expect(chromeControl({ levelOfControl, value }).holder).toBe(holder);
  });

  it.each([
    [true, OURS, DEAD_SETTING, 'ours'],
    [true, OURS, { ...DEAD_SETTING, http: 'proxy.example:3128' }, 'user'],
    [true, OURS, { proxyType: 'none' }, 'user'],
    [true, OURS, MENDED_SETTING, 'free'],
    [true, OURS, { ...MENDED_SETTING, passthrough: '' }, 'user'],
    [true, FREE, DEAD_SETTING, 'free'],
    [true, FREE, { ...DEAD_SETTING, ssl: 'proxy.example:3128' }, 'user'],
    [true, FREE, { proxyType: 'system' }, 'free'],
    [true, FREE, { proxyType: 'none' }, 'free'],
    [true, FREE, { proxyType: 'manual', http: 'proxy.example:3128' }, 'user'],
    [true, FREE, { proxyType: 'autoConfig' }, 'user'],
    [true, FREE, { proxyType: 'autoDetect' }, 'user'],
    [true, 'controlled_by_other_extensions', { proxyType: 'manual' }, 'other-extension'],
    [true, 'not_controllable', { proxyType: 'manual' }, 'managed'],
    [false, FREE, { proxyType: 'system' }, 'forbidden'],
    [false, OURS, DEAD_SETTING, 'forbidden'],
  ] as const)('on Firefox: allowed %s, %s, %j is %s', (allowed, levelOfControl, value, holder) => {
    expect(firefoxControl(allowed, { levelOfControl, value }).holder).toBe(holder);
  });

  it.each([
    [FREE, DEAD_SETTING, true],
    [FREE, { ...DEAD_SETTING, ssl: 'proxy.example:3128' }, false],
    [OURS, DEAD_SETTING, false],
    ['controlled_by_other_extensions', DEAD_SETTING, false],
  ] as const)('on Firefox: %s, %j is a left-over of ours: %s', (levelOfControl, value, is) => {
    expect(isLeftOver({ levelOfControl, value })).toBe(is);
  });
});
