package dev.poststation.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What came of reading the configuration: a whole one, or everything that is wrong with it.
public sealed interface Loaded {
  /// Where a relay that runs with a file is found.
  ///
  /// @param data has its token, and its address
  /// @param admin where it listens when its address is not there
  /// @param users where its users stand; null: the file leaves that open
  record Whereabouts(Path data, InetSocketAddress admin, @Nullable UsersSettings users) {}

  /// Errors and warnings in the order of the file.
  List<Problem> problems();

  /// Certificates that are named and can be read; what is in them has not been looked at.
  List<CertificateFiles> certificates();

  /// It can be used.
  ///
  /// @param file where it was read
  /// @param effective every value with its origin, to be shown
  /// @param secrets all that it names, in the order of the file
  /// @param problems warnings only
  record Good(
      Path file,
      Configuration configuration,
      Effective effective,
      List<NamedSecret> secrets,
      List<Problem> problems)
      implements Loaded {
    public Good {
      secrets = List.copyOf(secrets);
      problems = List.copyOf(problems);
    }

    @Override
    public List<CertificateFiles> certificates() {
      return configuration.certificates();
    }
  }

  /// It cannot be used.
  ///
  /// @param problems all errors and warnings; at least one is an error
  /// @param whereabouts where the relay that runs with this file is found all the same; empty when
  ///   the file does not tell even that
  record Bad(
      List<Problem> problems,
      List<CertificateFiles> certificates,
      Optional<Whereabouts> whereabouts)
      implements Loaded {
    public Bad {
      problems = List.copyOf(problems);
      certificates = List.copyOf(certificates);
    }
  }
}
