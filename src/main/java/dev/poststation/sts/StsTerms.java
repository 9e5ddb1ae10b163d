package dev.poststation.sts;

import dev.poststation.sts.StsPolicy.Mode;

/// What a policy says of one host. Immutable.
///
/// @param listed whether the host is one of the mail exchangers that the policy names
public record StsTerms(Policies.Found.Policy by, boolean listed) {
  /// What a policy says of a host.
  ///
  /// @param host in the spelling of `DomainName`, or a numeric address
  public static StsTerms of(Policies.Found.Policy policy, String host) {
    return new StsTerms(policy, policy.policy().names(host));
  }

  /// Whether the host gets mail only as the policy says; else it is only noted what would be.
  public boolean enforced() {
    return by.policy().mode() == Mode.ENFORCE;
  }

  /// Whether the same is demanded of the host.
  public boolean demandsAs(StsTerms other) {
    return listed == other.listed
        && enforced() == other.enforced()
        && by.domain().equals(other.by.domain());
  }

  /// For people: `the MTA-STS policy of example.com`.
  public String title() {
    return "the MTA-STS policy of " + by.domain();
  }

  /// Why the host is not one that mail may go to, after its name.
  public String unlisted() {
    return "is no mail exchanger by " + title() + " (" + by.policy().describe() + ")";
  }
}
