"""The policies met so far: decoding or hashing one is slow, and thousands of alerts share it."""

from collections import OrderedDict

from bot.store import codec
from escalation.policy import EscalationPolicy


class Policies:
    """At most ``most`` policies, the latest used. Lives as long as the store, beside every transaction.

    ``stored`` are digests that the database holds, or will when the transaction at hand commits: after one that was
    rolled back they are forgotten. Policy copies are never deleted, so what is stored stays so.
    """

    def __init__(self, most: int = 256) -> None:
        self.most = most
        self.stored: set[str] = set()
        self._by_digest: OrderedDict[str, EscalationPolicy] = OrderedDict()
        self._digests: OrderedDict[int, tuple[EscalationPolicy, str]] = OrderedDict()

    def __len__(self) -> int:
        return max(len(self._by_digest), len(self._digests), len(self.stored))

    def get(self, digest: str) -> EscalationPolicy | None:
        """The policy with this digest, if it is remembered."""
        if digest in self._by_digest:
            self._by_digest.move_to_end(digest)
        return self._by_digest.get(digest)

    def read(self, digest: str, data: bytes) -> EscalationPolicy:
        """Decode a stored policy, and remember it."""
        policy = codec.decode_policy(data)
        self._keep_stored(digest)
        self._by_digest[digest] = policy
        self._digests[id(policy)] = (policy, digest)
        self._trim()
        return policy

    def digest_of(self, policy: EscalationPolicy) -> str:
        """The digest of a policy. By identity: the policy is kept beside it, so that its id is not given anew."""
        known = self._digests.get(id(policy))
        if known is None:
            known = self._digests[id(policy)] = (policy, codec.encode_policy(policy)[0])
            self._trim()
        return known[1]

    def will_be_stored(self, digest: str) -> None:
        """The transaction at hand stored this one."""
        self._keep_stored(digest)

    def forget_stored(self) -> None:
        """A transaction was rolled back: what it stored is not there."""
        self.stored.clear()

    def _keep_stored(self, digest: str) -> None:
        if len(self.stored) >= self.most:
            self.stored.clear()
        self.stored.add(digest)

    def _trim(self) -> None:
        for kept in (self._by_digest, self._digests):
            while len(kept) > self.most:
                kept.popitem(last=False)
