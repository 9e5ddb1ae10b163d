package dev.poststation.cli;

import dev.poststation.config.Account;
import dev.poststation.config.Configuration;
import dev.poststation.config.Secret;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A secret of the configuration, and the key that names it. Immutable.
record NamedSecret(String name, Secret secret) {
  /// All that there are, each once.
  static List<NamedSecret> of(Configuration configuration) {
    List<NamedSecret> all = new ArrayList<>();
    for (var connector : configuration.connectors().values()) {
      var auth = connector.auth();
      var accounts = auth == null ? List.<Account>of() : auth.accounts();
      for (var account : accounts) {
        String whose = accounts.size() > 1 ? " of " + account.name() : "";
        String section = "connectors." + connector.name() + ".auth.";
        add(all, section + "password" + whose, account.password());
        var grant = account.grant();
        if (grant != null) {
          add(all, section + "oauth.client-secret" + whose, grant.clientSecret());
          add(all, section + "oauth.refresh-token" + whose, grant.refreshToken());
        }
      }
    }
    var ldap = configuration.users().ldap();
    var binding = ldap == null ? null : ldap.binding();
    add(all, "users.ldap.bind-password", binding == null ? null : binding.password());
    var srs = configuration.rewriting().srs();
    var signing = srs == null ? List.<Secret>of() : srs.secrets();
    signing.forEach(secret -> add(all, "srs.secrets", secret));
    for (var domain : configuration.dkim().values()) {
      for (var selector : domain.selectors()) {
        add(all, "dkim." + domain.name() + ".selectors." + selector.name(), selector.key());
      }
    }
    return List.copyOf(all);
  }

  private static void add(List<NamedSecret> all, String name, @Nullable Secret secret) {
    if (secret != null) {
      all.add(new NamedSecret(name, secret));
    }
  }
}
