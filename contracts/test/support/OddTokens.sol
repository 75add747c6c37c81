// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Moves `permille` of what was asked for: less than all of it is a fee
contract FeeToken is ERC20 {
    uint256 private immutable permille;

    constructor(uint256 permille_) ERC20("", "") {
        permille = permille_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return super.transferFrom(from, to, (amount * permille) / 1000);
    }
}

interface IHook {
    function onTransfer() external;
}

/// @title Calls a contract back on both sides of a transfer, as ERC-777 does
/// @notice The giver before anything has moved, the taker after.
contract HookToken is ERC20 {
    constructor() ERC20("", "") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (from.code.length > 0) IHook(from).onTransfer();
        return super.transferFrom(from, to, amount);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        if (to.code.length > 0) IHook(to).onTransfer();
        return true;
    }
}
