// @ts-check
// The list: tells the browser's passkey providers which passkeys are still known, and times in the reader's own time zone.
import { signalAccount } from './webauthn.js';

const account = document.getElementById('account')?.dataset;
if (account?.userId) {
  await signalAccount({
    userId: account.userId,
    name: account.name ?? '',
    displayName: account.displayName ?? '',
    allAcceptedCredentialIds: (account.credentialIds ?? '').split(' ').filter(Boolean),
  });
}
