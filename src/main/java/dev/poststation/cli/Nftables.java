package dev.poststation.cli;

import dev.poststation.config.Cidr;
import java.util.List;
import java.util.stream.Collectors;

/// The networks of clients as sets for nftables: a text for `nft -f`, which replaces in one step
/// what was in them. Immutable.
///
/// @param table of family inet
/// @param set the first part of the names of the sets
record Nftables(String table, String set) {
  /// The text. Networks that lie within others are left out, for intervals must not overlap.
  String text(ClientExportCommand.Sources sources) {
    var text = new StringBuilder("# Clients of Poststation: load it with nft -f.\n");
    for (String line : sources.notInSets()) {
      text.append("# ").append(Words.shown(line)).append('\n');
    }
    text.append("table inet ").append(table).append(" {\n");
    declare(text, "4", "ipv4_addr");
    declare(text, "6", "ipv6_addr");
    text.append("}\n");
    fill(text, "4", ClientExportCommand.of(sources.networks(), 4));
    fill(text, "6", ClientExportCommand.of(sources.networks(), 16));
    return text.toString();
  }

  private void declare(StringBuilder text, String family, String type) {
    text.append("\tset ").append(set).append(family).append(" {\n");
    text.append("\t\ttype ").append(type).append("\n\t\tflags interval\n\t}\n");
  }

  private void fill(StringBuilder text, String family, List<Cidr> networks) {
    String name = "inet " + table + " " + set + family;
    text.append("flush set ").append(name).append('\n');
    if (!networks.isEmpty()) {
      text.append("add element ").append(name).append(" {\n\t");
      text.append(networks.stream().map(Cidr::toString).collect(Collectors.joining(",\n\t")));
      text.append("\n}\n");
    }
  }
}
