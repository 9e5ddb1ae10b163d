package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.config.Cidr;
import dev.poststation.config.ClientEntry;
import dev.poststation.config.ClientRule;
import dev.poststation.config.Loaded;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.os.Os;
import java.net.InetAddress;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `client export`.
@Command(
    name = "export",
    description = {
      "Write where clients come from: the networks of all entries, and the addresses that their"
          + " hosts have now.",
      "Entries that go by nothing of that kind are named in a comment: their clients may come from"
          + " anywhere, or from the networks that a provider publishes (peer).",
      "Of entries that ask for more than the address (certificates, users, hours) a firewall gets"
          + " the networks, and a table nothing: they are named."
    })
final class ClientExportCommand implements Callable<Integer> {
  /// As nft takes it without quotes.
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,30}");

  /// Keys whose values a table has; of a host its addresses.
  private static final Set<String> IN_TABLE =
      Set.of("name", "networks", "host", "comment", "owner", "expires");

  @Mixin private final Common common;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description =
          "nftables: two sets, for nft -f. csv: a table with the columns name, network, comment,"
              + " owner, expires.")
  private String format = "";

  @Option(
      names = "--set",
      defaultValue = "clients",
      paramLabel = "NAME",
      description = "What the sets are called: NAME4 and NAME6; without it clients4 and clients6.")
  private String set = "clients";

  @Option(
      names = "--table",
      defaultValue = "poststation",
      paramLabel = "NAME",
      description = "The table of family inet that they are in; without it poststation.")
  private String table = "poststation";

  ClientExportCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var loaded = common.loaded();
    checkName("--set", set);
    checkName("--table", table);
    var today = LocalDate.ofInstant(common.os().time().now(), ZoneId.systemDefault());
    var sources =
        sources(loaded, new DnsResolver(loaded.configuration().dns(), common.os()), today);
    if (common.json()) {
      var answer = JsonNodeFactory.instance.objectNode();
      of(sources.networks(), 4).forEach(each -> answer.withArray("ipv4").add(each.toString()));
      of(sources.networks(), 16).forEach(each -> answer.withArray("ipv6").add(each.toString()));
      sources.anywhere().forEach(answer.putArray("anywhere")::add);
      var asking = answer.putObject("besidesAddress");
      sources.asking().forEach((name, keys) -> keys.forEach(asking.putArray(name)::add));
      sources.published().forEach(answer.putArray("published")::add);
      common.print(answer);
      return Exit.OK;
    }
    switch (format) {
      case "nftables" -> common.out().print(new Nftables(table, set).text(sources));
      case "csv" -> {
        common.out().print(ClientTable.written(sources.byAddress()));
        sources.notInTable().forEach(line -> common.err().println(Words.shown(line)));
      }
      default ->
          throw new Failure(
              Exit.WRONG, "--format: \"" + Words.shown(format) + "\" is none of nftables, csv.");
    }
    return Exit.OK;
  }

  private static void checkName(String option, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new Failure(
          Exit.WRONG,
          option
              + ": \""
              + Words.shown(name)
              + "\" is no name for nft: write letters, digits and underscores, a letter first.");
    }
  }

  /// Where clients come from.
  ///
  /// @param entries with at least one network each
  /// @param asking of those that ask for more than the address, the keys that do, by name
  /// @param more of the others, the keys that say something else: what may be sent, what is granted
  /// @param anywhere names of entries that have none
  /// @param published names of those for the networks that a provider publishes
  record Sources(
      List<ClientEntry> entries,
      SequencedMap<String, List<String>> asking,
      SequencedMap<String, List<String>> more,
      List<String> anywhere,
      List<String> published) {
    Sources {
      entries = List.copyOf(entries);
      asking = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(asking));
      more = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(more));
      anywhere = List.copyOf(anywhere);
      published = List.copyOf(published);
    }

    List<Cidr> networks() {
      return entries.stream()
          .flatMap(entry -> entry.networks().stream())
          .map(ClientEntry::network)
          .toList();
    }

    /// Those whom the address is enough: without the rest, the others would be open to more.
    List<ClientEntry> byAddress() {
      return entries.stream().filter(entry -> !asking.containsKey(entry.name())).toList();
    }

    /// What sets for a firewall do not say, in sentences.
    List<String> notInSets() {
      List<String> lines = new ArrayList<>(elsewhere());
      if (!asking.isEmpty()) {
        lines.add("The relay asks for more than these addresses: " + named(asking) + ".");
      }
      return lines;
    }

    /// What a table does not say, in sentences.
    List<String> notInTable() {
      List<String> lines = new ArrayList<>(elsewhere());
      if (!asking.isEmpty()) {
        lines.add(
            "Not here, for they ask for more than the address, and a table cannot say that: "
                + named(asking)
                + ".");
      }
      if (!more.isEmpty()) {
        lines.add(
            "Here without these keys, which a table cannot say (see client import --terms): "
                + named(more)
                + ".");
      }
      return lines;
    }

    /// What is not there, in sentences.
    private List<String> elsewhere() {
      List<String> all = new ArrayList<>(2);
      if (!anywhere.isEmpty()) {
        all.add("Not here, for they may come from anywhere: " + String.join(", ", anywhere) + ".");
      }
      if (!published.isEmpty()) {
        all.add(
            "Not here, for their provider (peer) publishes their networks, and changes them: "
                + String.join(", ", published)
                + ".");
      }
      return all;
    }

    private static String named(SequencedMap<String, List<String>> keys) {
      return keys.entrySet().stream()
          .map(each -> each.getKey() + " (" + String.join(", ", each.getValue()) + ")")
          .collect(Collectors.joining(", "));
    }
  }

  /// Without entries whose last day is over.
  static Sources sources(Loaded.Good loaded, Resolver resolver, LocalDate today) {
    var clients = loaded.configuration().clients();
    var written = loaded.effective().written("clients");
    List<ClientEntry> entries = new ArrayList<>();
    SequencedMap<String, List<String>> asking = new LinkedHashMap<>();
    SequencedMap<String, List<String>> more = new LinkedHashMap<>();
    List<String> anywhere = new ArrayList<>();
    List<String> published = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      ClientRule rule = clients.get(i);
      var when = rule.when();
      var expires = when.expires();
      if (expires != null && expires.isBefore(today)) {
        continue;
      }
      List<String> networks =
          new ArrayList<>(rule.networks().stream().map(Cidr::toString).toList());
      if (networks.isEmpty()) {
        when.hosts().forEach(host -> networks.addAll(addresses(host, resolver)));
      }
      if (networks.isEmpty() && when.hosts().isEmpty()) {
        (when.peer() == null ? anywhere : published).add(rule.name());
      } else if (!networks.isEmpty()) {
        entries.add(
            new ClientEntry(
                rule.name(),
                networks,
                rule.comment(),
                rule.owner(),
                expires == null ? "" : expires.toString()));
        var besides = when.besidesAddress();
        var keys = written.get(i).stream().filter(key -> !IN_TABLE.contains(key)).toList();
        if (!besides.isEmpty()) {
          asking.put(rule.name(), besides);
        } else if (!keys.isEmpty()) {
          more.put(rule.name(), keys);
        }
      }
    }
    return new Sources(entries, asking, more, anywhere, published);
  }

  /// Whoever loads a list without them shuts them out: rather no list.
  private static List<String> addresses(String host, Resolver resolver) {
    return switch (resolver.addresses(host)) {
      case Answer.Found<InetAddress>(var found) ->
          found.stream()
              .map(address -> new Cidr(address, address.getAddress().length * 8).toString())
              .sorted()
              .toList();
      case Answer.NoName<InetAddress> _, Answer.NoRecord<InetAddress> _ -> List.of();
      case Answer.Failed<InetAddress>(String reason) ->
          throw new Failure(
              Exit.NO,
              "The DNS does not say now what addresses "
                  + Words.shown(host)
                  + " has ("
                  + Words.shown(reason)
                  + "): nothing was written; try it again.");
    };
  }

  /// Those of a family, without those that others have in them.
  ///
  /// @param octets 4 or 16
  static List<Cidr> of(List<Cidr> networks, int octets) {
    var family =
        networks.stream()
            .filter(each -> each.network().getAddress().length == octets)
            .distinct()
            .toList();
    return family.stream()
        .filter(
            each ->
                family.stream()
                    .noneMatch(
                        other -> other.bits() < each.bits() && other.contains(each.network())))
        .toList();
  }
}
