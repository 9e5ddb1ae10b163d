package dev.poststation.config;

import dev.poststation.os.IpText;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Looks at who may relay: that it is not everybody, and that each entry can match. Confined to one
/// thread.
final class RelayCheck {
  /// Addresses that nobody on the Internet has: private, shared, link-local and loopback (RFC 1918,
  /// 6598, 3927, 4193, 4291).
  static final List<Cidr> NOT_PUBLIC =
      List.of(
          network("10.0.0.0/8"),
          network("172.16.0.0/12"),
          network("192.168.0.0/16"),
          network("100.64.0.0/10"),
          network("169.254.0.0/16"),
          network("127.0.0.0/8"),
          network("fc00::/7"),
          network("fe80::/10"),
          network("::1/128"));

  private static final List<Cidr> RFC_1918 = NOT_PUBLIC.subList(0, 3);

  private static final List<Cidr> EVERYWHERE = List.of(network("0.0.0.0/0"), network("::/0"));

  /// No one organisation has a network that is wider.
  private static final int BITS_LEAST_4 = 8;

  private static final int BITS_LEAST_6 = 16;

  /// All public addresses of all entries: a sixteenth of the Internet, or as many networks of the
  /// widest kind.
  private static final BigInteger MOST_4 = BigInteger.ONE.shiftLeft(32 - BITS_LEAST_4 + 4);

  private static final BigInteger MOST_6 = BigInteger.ONE.shiftLeft(128 - BITS_LEAST_6 + 4);

  private static final String REMEDY =
      "name your own networks, or write open-relay = allowed in this entry if it is meant";

  private final Section in;
  private final List<Schema.Client> clients;

  RelayCheck(Section in, List<Schema.Client> clients) {
    this.in = in;
    this.clients = clients;
  }

  private static Cidr network(String text) {
    return Kinds.NETWORK.standard(text);
  }

  void check() {
    if (clients.isEmpty()) {
      in.warning(
          "clients",
          "there are no clients: nobody may relay, all mail is refused",
          "write, for example, clients = [ { name = lan, networks = [\"10.0.0.0/8\"] } ]");
    }
    checkNames();
    int mark = in.reading().problems().count();
    clients.forEach(this::checkWide);
    if (in.reading().problems().count() == mark) {
      checkSum();
    }
    checkOrder();
    checkGateways();
  }

  private void checkNames() {
    Map<String, Origin> names = new HashMap<>();
    for (Schema.Client client : clients) {
      ClientRule rule = client.rule();
      if (!Kinds.NAME.fits(rule.name())) {
        continue; // It has none, which was told.
      }
      Origin first = names.putIfAbsent(rule.name(), rule.origin());
      if (first != null) {
        error(
            rule.origin(),
            "there are two clients \"" + rule.name() + "\", first at " + first,
            "give one of them another name");
      }
    }
  }

  /// The networks of an entry that are a good part of the Internet, where it asks for no more than
  /// everybody has.
  static List<Cidr> openTo(ClientRule rule) {
    var when = rule.when();
    if (when.peer() != null || !when.proveNobody()) {
      return List.of();
    }
    boolean anywhere = rule.networks().isEmpty() && when.nameSomebody();
    return anywhere ? EVERYWHERE : rule.networks().stream().filter(RelayCheck::isWide).toList();
  }

  /// Whether no one organisation has so many addresses.
  static boolean isWide(Cidr network) {
    int octets = network.network().getAddress().length;
    return network.bits() < (octets == 4 ? BITS_LEAST_4 : BITS_LEAST_6)
        && publicOnes(octets, List.of(network)).signum() > 0;
  }

  private void checkWide(Schema.Client client) {
    var when = client.rule().when();
    if (when.proveSomebody() && !openTo(client.rule()).isEmpty()) {
      checkProof(client);
      return;
    }
    for (Cidr network : openTo(client.rule())) {
      String lets = "client \"" + client.rule().name() + "\" lets " + network + " relay: ";
      if (client.openRelay()) {
        warning(client.networks(), lets + "an open relay, as open-relay = allowed says", "");
      } else {
        error(client.networks(), lets + "an open relay for a good part of the Internet", REMEDY);
      }
    }
  }

  /// What it asks for everybody can have.
  private void checkProof(Schema.Client client) {
    var when = client.rule().when();
    String what =
        "client \""
            + client.rule().name()
            + "\" lets everybody relay "
            + (when.haveAnybodysCertificate()
                ? "who has a certificate of a public authority, which gives one to anybody: "
                : "whose address has a name below a domain where anybody can have one: ");
    if (client.openRelay()) {
      warning(client.rule().origin(), what + "an open relay, as open-relay = allowed says", "");
    } else {
      String remedy =
          when.haveAnybodysCertificate()
              ? "name the subject beside ca; if the authority is your own, put it below "
                  + PublicAuthorities.HERE
                  + "; or write open-relay = allowed in this entry if it is meant"
              : "name more of it in reverse, or networks beside it; or write open-relay = allowed"
                  + " in this entry if it is meant";
      error(client.rule().origin(), what + "an open relay", remedy);
    }
  }

  /// Many networks can make up the Internet as well as one.
  private void checkSum() {
    List<Cidr> sum = new ArrayList<>();
    for (Schema.Client client : clients) {
      if (client.openRelay()
          || !client.rule().when().proveNobody()
          || client.rule().when().peer() != null) {
        continue;
      }
      sum.addAll(client.rule().networks());
      if (publicOnes(4, sum).compareTo(MOST_4) > 0 || publicOnes(16, sum).compareTo(MOST_6) > 0) {
        error(
            client.networks(),
            "the networks of clients, up to this entry, add up to an open relay for a good part of"
                + " the Internet",
            REMEDY);
        return;
      }
    }
  }

  /// How many of the addresses are public: what they add to those that are not.
  static BigInteger publicOnes(int octets, List<Cidr> networks) {
    var notPublic = new AddressSet(octets).with(NOT_PUBLIC);
    return notPublic.with(networks).size().subtract(notPublic.size());
  }

  private void checkOrder() {
    if (in.reading().problems().haveErrors()) {
      return; // What could not be read changes what matches.
    }
    var four = new AddressSet(4);
    var six = new AddressSet(16);
    Set<InetAddress> left = new HashSet<>(); // Which their networks contain, and do not let in.
    List<ClientRule> users = new ArrayList<>();
    for (Schema.Client client : clients) {
      List<Cidr> networks = client.rule().networks();
      var before4 = four;
      var before6 = six;
      if (!networks.isEmpty()
          && networks.stream().allMatch(n -> before4.covers(n) || before6.covers(n))
          && networks.stream().noneMatch(n -> n.isSingle() && left.contains(n.network()))) {
        warning(
            client.rule().origin(),
            "client \""
                + client.rule().name()
                + "\" never matches: entries before it have all its networks",
            "put it before them, or remove it");
      }
      users.stream()
          .filter(first -> first.when().haveAllUsersOf(client.rule().when()))
          .findFirst()
          .ifPresent(first -> warnOfUsers(client.rule(), first));
      if (client.rule().when().onlyLogin()) {
        users.add(client.rule());
      }
      if (client.rule().when().onlyNetworks()) {
        four = four.with(networks);
        six = six.with(networks);
        left.addAll(client.rule().when().gateways().addresses());
      }
    }
  }

  private void warnOfUsers(ClientRule rule, ClientRule first) {
    warning(
        rule.origin(),
        "client \""
            + rule.name()
            + "\" never matches: client \""
            + first.name()
            + "\", "
            + first.origin()
            + ", is before it and has all its users",
        "put it before that one, or remove it");
  }

  /// Where a container forwards its port through a proxy, or a virtual machine is behind NAT, all
  /// clients seem to come from the gateway, or from another address of the network that it is in.
  private void checkGateways() {
    var machine = in.reading().machine();
    boolean allPrivateTold = false;
    for (Schema.Client client : clients) {
      List<Cidr> networks = client.rule().networks();
      var gateways = client.rule().when().gateways();
      if (!gateways.addresses().isEmpty()) {
        warning(
            client.networks(),
            "client \""
                + client.rule().name()
                + "\" does not let in "
                + gateways.sentence()
                + ", which its networks have: everybody's connections may seem to come from there",
            "use the host's network or proxy-protocol, so that clients keep their addresses; or"
                + " name the address in networks, if nobody else reaches the port");
        continue;
      }
      if (client.rule().when().proveSomebody()) {
        continue;
      }
      var named =
          machine.forwarders().stream()
              .filter(any -> networks.stream().anyMatch(n -> n.contains(any)))
              .findFirst();
      if (named.isPresent()) {
        warnOfGateway(client, "the " + machine.kind(named.get()) + ", " + IpText.of(named.get()));
      } else if (machine.container()
          && !allPrivateTold
          && RFC_1918.stream().allMatch(new AddressSet(4).with(networks)::covers)) {
        allPrivateTold = true;
        warnOfGateway(client, "all private addresses, and this is a container");
      }
    }
  }

  private void warnOfGateway(Schema.Client client, String what) {
    warning(
        client.networks(),
        "client \""
            + client.rule().name()
            + "\" has "
            + what
            + ": where ports are forwarded through it, everybody may relay",
        "see in the log which addresses clients come from, or use the host's network");
  }

  private void error(Origin origin, String message, String remedy) {
    in.reading().problems().error(origin, message, remedy);
  }

  private void warning(Origin origin, String message, String remedy) {
    in.reading().problems().warning(origin, message, remedy);
  }
}
