// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IRelayRegistry} from "../src/interfaces/IRelayRegistry.sol";
import {RegistryFixture} from "./support/RegistryFixture.sol";
import {vm} from "./support/Vm.sol";

/// @title A reader gets the whole list, in pages that an RPC server answers
/// @notice 201 relays with the longest addresses: one page and one more.
contract RegistryPageTest is RegistryFixture {
    uint256 private constant RELAYS = 201;
    /// @dev Far below what a server gives to a call: a block's limit is 30 million at the least, geth's for a call 50 million.
    uint256 private constant GAS_OF_A_CALL = 10_000_000;

    function setUp() public override {
        super.setUp();
        endow(alice, RELAYS * BOND);
        for (uint256 i = 0; i < RELAYS; ++i) {
            vm.prank(alice);
            registry.register(bytes32(i), _longest(i));
        }
    }

    function test_aPageOfTheLongestFitsInACall() public view {
        uint256 before = gasleft();
        (bool done,) = address(registry).staticcall(abi.encodeCall(registry.page, (0, 200)));
        uint256 used = before - gasleft();
        vm.assertTrue(done, "read");
        vm.assertLe(used, GAS_OF_A_CALL, "gas");
    }

    function test_noPageIsLonger() public view {
        (IRelayRegistry.Relay[] memory relays, uint256 total) = registry.page(0, 201);
        vm.assertEq(relays.length, 200, "at most");
        vm.assertEq(total, RELAYS, "of all");
        (relays, total) = registry.page(0, type(uint256).max);
        vm.assertEq(relays.length, 200, "whatever is asked");
        vm.assertEq(relays[199].addresses, _longest(199), "in full");
    }

    function test_theSecondPageHasTheRest() public view {
        (IRelayRegistry.Relay[] memory relays, uint256 total) = registry.page(200, 200);
        vm.assertEq(relays.length, 1, "one");
        vm.assertEq(relays[0].peerKey, bytes32(uint256(200)), "the last");
        vm.assertEq(total, RELAYS, "of all");
    }

    function test_behindTheEndIsNothing() public view {
        uint256[3] memory behind = [RELAYS, RELAYS + 1, type(uint256).max];
        for (uint256 i = 0; i < behind.length; ++i) {
            (IRelayRegistry.Relay[] memory relays, uint256 total) = registry.page(behind[i], type(uint256).max);
            vm.assertEq(relays.length, 0, "nothing");
            vm.assertEq(total, RELAYS, "of all");
        }
    }

    function test_theLastOneMovesToThePlaceOfWhoLeft() public {
        announceLeave(alice, bytes32(uint256(3)));
        vm.warp(START + DELAY);
        withdraw(alice, bytes32(uint256(3)));
        (IRelayRegistry.Relay[] memory relays, uint256 total) = registry.page(3, 1);
        vm.assertEq(relays[0].peerKey, bytes32(uint256(200)), "moved");
        vm.assertEq(total, RELAYS - 1, "one less");
        (relays,) = registry.page(200, 200);
        vm.assertEq(relays.length, 0, "no hole and no twin");
    }

    function testFuzz_pagesOfAnySizeGiveEachRelayOnce(uint256 size) public view {
        size = 1 + (size % 250);
        bool[] memory seen = new bool[](RELAYS);
        uint256 from = 0;
        while (true) {
            (IRelayRegistry.Relay[] memory relays, uint256 total) = registry.page(from, size);
            for (uint256 i = 0; i < relays.length; ++i) {
                uint256 index = uint256(relays[i].peerKey);
                vm.assertTrue(!seen[index], "once");
                seen[index] = true;
            }
            from += relays.length;
            if (from == total) break;
            vm.assertTrue(relays.length > 0, "a reader comes on");
        }
        vm.assertEq(from, RELAYS, "all");
    }

    /// @dev No byte is zero, as 0x0101...01 is in each word.
    function _longest(uint256 index) private pure returns (bytes memory addresses) {
        bytes32 word = keccak256(abi.encode(index)) | bytes32(type(uint256).max / 255);
        for (uint256 i = 0; i < 8; ++i) {
            addresses = abi.encodePacked(addresses, word);
        }
    }
}
