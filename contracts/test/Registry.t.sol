// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RelayRegistry} from "../src/RelayRegistry.sol";
import {TestUSDC} from "../src/TestUSDC.sol";
import {IRelayRegistry} from "../src/interfaces/IRelayRegistry.sol";
import {Operators} from "./support/Operators.sol";
import {vm} from "./support/Vm.sol";

/// @title Whatever operators do, in whatever order: the list is what they did, and each bond is there for its payee
/// @notice Each invariant is a run of its own, over the calls of Operators (foundry.toml says how many).
contract RegistryTest {
    Operators private operators;
    RelayRegistry private registry;
    TestUSDC private token;
    address private thief;

    function setUp() public {
        operators = new Operators();
        (address registry_, address token_, address thief_) = operators.parties();
        (registry, token, thief) = (RelayRegistry(registry_), TestUSDC(token_), thief_);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(operators);
    }

    function invariant_theRegistryHoldsTheSumOfTheBonds() external view {
        uint256 bonds = 0;
        IRelayRegistry.Relay[] memory relays = readAll(5);
        for (uint256 i = 0; i < relays.length; ++i) {
            bonds += relays[i].bond;
        }
        vm.assertEq(token.balanceOf(address(registry)), bonds + operators.given(), "no more, no less");
    }

    function invariant_nobodyHasAnothersBond() external view {
        for (uint256 i = 0; i < operators.OPERATORS(); ++i) {
            (address payee, uint256 expected) = operators.purse(i);
            vm.assertEq(token.balanceOf(payee), expected, "its own, less its own bonds");
        }
        vm.assertEq(token.balanceOf(thief), 0, "nothing for the thief");
    }

    /// @dev Each listed claim is found once by its payee and key, and there is nothing else: no hole, no twin, nobody who left.
    function invariant_theListIsWhatTheOperatorsDid() external view {
        IRelayRegistry.Relay[] memory relays = readAll(3);
        Operators.Claim[] memory claims = operators.ledger();
        uint256 listed = 0;
        for (uint256 i = 0; i < claims.length; ++i) {
            IRelayRegistry.Relay memory alone = registry.relayOf(claims[i].payee, claims[i].peerKey);
            uint256 found = 0;
            for (uint256 j = 0; j < relays.length; ++j) {
                if (relays[j].payee != claims[i].payee || relays[j].peerKey != claims[i].peerKey) continue;
                ++found;
                vm.assertEq(keccak256(abi.encode(relays[j])), keccak256(abi.encode(alone)), "the same by either way");
            }
            vm.assertEq(found, claims[i].listed ? 1 : 0, "in the list once, or not");
            vm.assertEq(alone.registeredAt, claims[i].registeredAt, "since");
            vm.assertEq(alone.leavesAt, claims[i].leavesAt, "until");
            if (claims[i].listed) vm.assertEq(keccak256(alone.addresses), claims[i].addressesHash, "addresses");
            listed += found;
        }
        vm.assertEq(relays.length, listed, "and nobody else");
        vm.assertEq(registry.relayCount(), listed, "counted");
    }

    /// @dev At the end of each run all leave without anyone's help, and the registry owes nobody.
    function afterInvariant() external {
        for (uint256 i = 0; i < operators.CLAIMS(); ++i) {
            operators.leaveForGood(i);
        }
        vm.assertEq(registry.relayCount(), 0, "nobody is listed");
        vm.assertEq(token.balanceOf(address(registry)), operators.given(), "the registry owes nothing");
    }

    /// @dev As a reader does: page by page, at one block.
    function readAll(uint256 size) private view returns (IRelayRegistry.Relay[] memory all) {
        all = new IRelayRegistry.Relay[](registry.relayCount());
        uint256 from = 0;
        while (from < all.length) {
            (IRelayRegistry.Relay[] memory relays, uint256 total) = registry.page(from, size);
            vm.assertEq(total, all.length, "total");
            vm.assertTrue(relays.length > 0, "a reader comes on");
            for (uint256 i = 0; i < relays.length; ++i) {
                all[from++] = relays[i];
            }
        }
    }
}
