/** Where the pages store tokens: in the browser tab, or on the device for a user who stays signed in. */

const STAYS = 'comfygraph:stays';

export type TokenStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> & {
  /** From now on, stores tokens for this tab or for the device. Call it before the user signs in. */
  stay(stays: boolean): void;
};

export function createTokenStorage(tab: Storage, device: Storage): TokenStorage {
  const chosen = () => (device.getItem(STAYS) === null ? tab : device);
  return {
    getItem: (key) => chosen().getItem(key),
    setItem: (key, value) => chosen().setItem(key, value),
    removeItem: (key) => chosen().removeItem(key),
    stay(stays) {
      if (stays) device.setItem(STAYS, 'true');
      else device.removeItem(STAYS);
    },
  };
}
